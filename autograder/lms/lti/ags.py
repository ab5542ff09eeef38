"""An LMS's gradebook of one course: LTI 1.3 Assignment and Grade Services 2.0, Names and Roles 2.0."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urljoin, urlsplit, urlunsplit

from autograder.classroom.grade import Row
from autograder.lms.lti.session import Session, Unreachable, content

_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_SCORE = "application/vnd.ims.lis.v1.score+json"
_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
_MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TAG = "autograder"
_ATTEMPTS = 3


@dataclass
class Gradebook:
    """The LMS's gradebook of one course, through a session that is let in."""

    session: Session

    def members(self) -> list[dict]:
        """The active learners."""
        everybody = self._pages(self.session.platform.memberships_url, _MEMBERS, "members")
        learners = [one for one in everybody if {_LEARNER, "Learner"} & set(one.get("roles", []))]
        return [one for one in learners if one.get("status", "Active") == "Active"]

    def line_items(self) -> list[dict]:
        """The columns that the platform shows to this tool."""
        return self._pages(self.session.platform.lineitems_url, _ITEMS)

    def make(self, exercise: str, maximum: Decimal) -> dict:
        """A new column with its true maximum; where no answer comes, it is looked for before it is made again."""
        item = {"label": exercise, "scoreMaximum": float(maximum), "resourceId": exercise, "tag": TAG}
        url, headers = self.session.platform.lineitems_url, {"Content-Type": _ITEM, "Accept": _ITEM}
        for _ in range(_ATTEMPTS):
            try:
                return content(self.session.call("POST", url, once=True, data=json.dumps(item), headers=headers))
            except Unreachable as error:
                reason = error
                if found := ours(self.line_items(), exercise):
                    return found
        raise reason

    def results(self, item: Mapping) -> dict[str, dict]:
        """What the column holds, by the LMS's user."""
        found = self._pages(_below(item["id"], "results"), _RESULTS)
        return {one["userId"]: one for one in found if one.get("resultScore") is not None}

    def post(self, item: Mapping, user: str, row: Row) -> None:
        """One grade with the score by task as comment; raises CourseError."""
        score = {
            "userId": user, "scoreGiven": float(row.points), "scoreMaximum": float(row.max_points),
            "comment": row.comment, "activityProgress": "Completed", "gradingProgress": "FullyGraded",
            "timestamp": datetime.now(UTC).isoformat(timespec="microseconds"),
        }  # fmt: skip
        headers = {"Content-Type": _SCORE}
        self.session.call("POST", _below(item["id"], "scores"), data=json.dumps(score), headers=headers)

    def _pages(self, url, media, key=None):
        """All pages' entries; there is no further page behind one that brings nothing new."""
        found = []
        while url:
            response = self.session.call("GET", url, headers={"Accept": media})
            page = content(response)
            news = [one for one in (page[key] if key else page) if one not in found]
            found += news
            more = news and "next" in response.links
            url = urljoin(url, response.links["next"]["url"]) if more else ""
        return found


def ours(items: Iterable[Mapping], exercise: str) -> Mapping | None:
    """The column that this tool made for an exercise."""
    return next((item for item in items if item.get("tag") == TAG and item.get("resourceId") == exercise), None)


def _below(item, service):
    """A line item's service: its path comes before the query of the item's own address."""
    parts = urlsplit(item)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{service}"))
