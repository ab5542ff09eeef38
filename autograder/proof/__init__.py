"""The author proves: right answers keep full marks, wrong ones lose their own task, and what is released is sound."""
