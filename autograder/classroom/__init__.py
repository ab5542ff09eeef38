"""From a class to its gradebook: who handed in what, judged side by side, recorded once."""
