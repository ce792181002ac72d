# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play of the cookbook does what its section says."""

from __future__ import annotations

import typing as t

import guides
from declarations import create_clusters

if t.TYPE_CHECKING:
    from conftest import Document, Ecs


def service(ecs: Ecs, name: str, cluster: str = "production") -> Document:
    (found,) = ecs.client.describe_services(cluster=cluster, services=[name])["services"]
    return t.cast("Document", found)


def test_the_plays_of_the_cookbook(ecs: Ecs) -> None:
    create_clusters(ecs)
    playbook = ecs.directory / "cookbook.yml"
    # One run of all plays: each begins with `- name`, and ansible-playbook starts once.
    playbook.write_text("\n".join(guides.plays(guides.COOKBOOK)), encoding="utf-8")

    ecs.playbook(str(playbook)).succeeded()

    assert ecs.images("orders") == {
        "cache": "public.ecr.aws/docker/library/redis:7",
        "migrate": "registry.example/orders:2.0",
        "orders": "registry.example/orders:2.0",
    }
    (orders,) = (
        container
        for container in ecs.live("orders")["containerDefinitions"]
        if container["name"] == "orders"
    )
    assert {
        dependency["containerName"]: dependency["condition"] for dependency in orders["dependsOn"]
    } == {"cache": "HEALTHY", "migrate": "SUCCESS"}

    assert ecs.live("inference")["requiresCompatibilities"] == ["EC2"]
    assert ecs.live("intranet")["runtimePlatform"]["operatingSystemFamily"].startswith("WINDOWS")
    assert service(ecs, "thumbnails")["enableExecuteCommand"] is True
    assert ecs.live("thumbnails")["runtimePlatform"]["cpuArchitecture"] == "ARM64"

    schedule = ecs.simulator.client("scheduler").get_schedule(Name="invoices-nightly")
    assert (
        schedule["Target"]["EcsParameters"]["TaskDefinitionArn"]
        == (service(ecs, "invoices")["taskDefinition"])
    )

    assert service(ecs, "catalogue", "staging")["desiredCount"] == 1
    assert service(ecs, "catalogue")["desiredCount"] == 4
    assert ecs.images("catalogue", "staging") == {"catalogue": "registry.example/catalogue:1.0"}
    assert ecs.images("catalogue")["catalogue"].startswith("registry.example/catalogue@sha256:")

    assert {name: service(ecs, name)["desiredCount"] for name in ("api", "mailer", "reports")} == {
        "api": 3,
        "mailer": 1,
        "reports": 1,
    }

    assert service(ecs, "shop-feature-faster-search", "preview")["status"] != "ACTIVE"
    family = "preview-shop-feature-faster-search"
    assert ecs.revisions(family) == []
    assert ecs.revisions(family, "INACTIVE") == [1]
