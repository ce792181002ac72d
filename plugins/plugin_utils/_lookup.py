# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookups of live services have in common."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ..module_utils._aws.client import Gateways, loaded_models
from ..module_utils._jobs import live
from ..module_utils._rules.errors import SteadyStateError

if t.TYPE_CHECKING:
    from ..module_utils._rules.documents import Document


class LiveLookup(AWSLookupBase):
    """A lookup whose terms are services."""

    def run(
        self,
        terms: list[t.Any],
        variables: dict[str, t.Any] | None = None,
        *args: t.Any,
        **kwargs: t.Any,
    ) -> list[t.Any]:
        """Return what is found of each service."""
        super().run(terms, variables, *args, **kwargs)
        try:
            with loaded_models():
                answers = live.live_tasks(
                    Gateways(self.client).ecs(), self.get_option("cluster"), self._flatten(terms)
                )
            return [self._found(answer) for answer in answers]
        except SteadyStateError as error:
            # Ansible would tell the same again for the cause.
            raise AnsibleLookupError(error.message) from None

    def _found(self, answer: Document) -> t.Any:
        """Return what the lookup tells of a service."""
        return answer
