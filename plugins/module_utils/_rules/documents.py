# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of the documents that ECS takes and gives."""

from __future__ import annotations

import typing as t

Document = dict[str, t.Any]
"""A document in the API's shape and case: a definition, a request, an answer or a part of one."""
