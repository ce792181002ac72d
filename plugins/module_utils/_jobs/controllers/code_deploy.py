# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that AWS CodeDeploy deploys.

They are updated in place and their task sets followed; CodeDeploy itself is not called. So far
this is what is true of any other controller, too.
"""

from __future__ import annotations

from .external import deploy, follow, roll_back, stop

__all__ = ("deploy", "follow", "roll_back", "stop")
