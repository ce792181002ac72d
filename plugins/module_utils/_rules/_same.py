from __future__ import annotations


def same_role(declared: str, live: str) -> bool:
    """Whether a role name (with its path) or ARN names the live role; ECS stores the ARN, and two ARNs are compared whole."""
    if declared.startswith("arn:") and live.startswith("arn:"):
        return declared == live
    return declared.rpartition(":role/")[2] == live.rpartition(":role/")[2]


def same_cluster(declared: str, live: str) -> bool:
    """Whether a cluster's name or ARN names the live cluster; the name has to match whole."""
    if declared.startswith("arn:") and live.startswith("arn:"):
        return declared == live
    return declared.rpartition(":cluster/")[2] == live.rpartition(":cluster/")[2]


def same_service_name(declared: str, live: str) -> bool:
    """Whether a service's name or ARN names the live service (``service/NAME`` in old ARNs, ``service/CLUSTER/NAME`` in new ones)."""
    return declared.rpartition("/")[2] == live.rpartition("/")[2]


def same_task_definition(declared: str, live: str) -> bool:
    """Whether ``family:revision`` or an ARN names the live revision; a bare family names none."""
    if declared.startswith("arn:") and live.startswith("arn:"):
        return declared == live
    return declared.rpartition(":task-definition/")[2] == live.rpartition(":task-definition/")[2]
