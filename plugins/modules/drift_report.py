# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_report
short_description: Write the findings of drift_info as JSON, Markdown, JUnit XML and HTML
version_added: 0.1.0
description:
  - Writes C(drift.json), C(drift.md), C(drift.junit.xml) and C(drift.html), and returns which of
    the kinds in O(fail_on) occur.
  - The page is one file that needs no network. It has totals, filters, search and the differences
    of every service side by side, and can show thousands of services. C(drift.md) fits into a
    comment on a merge request and has the services that need attention, as many as fit.
  - In C(drift.junit.xml) every cluster is a test suite and every service a test. A service fails
    on the kinds in O(fail_on), by default on all but V(in_sync), V(image_deployed) and
    V(deploying). A service that could not be read is an error.
  - Adds a line to C(drift-history.jsonl) in the same directory, one per run, and the page shows the
    trend of the runs and what is new since the last one.
  - The files are written atomically on the controller and replace those of an earlier report.
  - M(steadystate.ecs.drift_info) hides values that may be secret. If you set
    O(steadystate.ecs.drift_info#module:show_values), also set O(private).
  - The task is never C(changed).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  drift:
    description:
      - The whole result of M(steadystate.ecs.drift_info).
    type: dict
    required: true
  preflight:
    description:
      - The whole result of M(steadystate.ecs.preflight_info), whose findings the report shows, too.
        They are a test suite of their own in C(drift.junit.xml), where errors are failures and what
        could not be checked is skipped.
    type: dict
    version_added: 0.2.0
  directory:
    description:
      - Directory of the files on the controller, relative to where C(ansible-playbook) was
        started. It is created if missing.
      - Without it no files are written.
    type: path
  fail_on:
    description:
      - The kinds that RV(failures) and RV(failure) report. The task itself does not fail.
    type: list
    elements: str
    choices:
      - unreadable
      - missing
      - definition_drift
      - service_drift
      - task_drift
      - tag_moved
      - unreleased
      - undeclared
      - image_deployed
      - deploying
      - in_sync
    default: []
  private:
    description:
      - Make the files readable by the owner only, for a report that shows values. By default the
        umask applies.
    type: bool
    default: false
  history:
    description:
      - Number of runs that C(drift-history.jsonl) in O(directory) keeps. Fewer are kept if the file
        would become larger than 8 MiB. With V(0) nothing is added and the report has no trend.
      - Each line is a JSON object with the time, the number of clusters and services, the totals by
        kind, the findings, and what is new and gone since the last run in the same region
        and account. It has names and kinds, no values.
      - Only services that a run has read are compared. A finding of a service that could not be
        read, or was not asked for, is kept until a run reads it again.
      - Runs at the same time wait for each other. Lines that cannot be read stay in the file and
        are left out with a warning. If the file cannot be read or written, the report has no trend
        and a warning says why.
      - Use a separate directory for each job.
    type: int
    default: 400
    version_added: 0.2.0
attributes:
  check_mode:
    description: In check mode no file is written, the history neither; the return values are the
      same.
    support: full
extends_documentation_fragment:
  - steadystate.ecs._attributes.controller
  - steadystate.ecs._attributes.info
seealso:
  - module: steadystate.ecs.drift_info
"""

EXAMPLES = r"""
- name: Check a whole cluster
  steadystate.ecs.drift_info:
    clusters: [production]
  register: drift

- name: Write the report
  steadystate.ecs.drift_report:
    drift: "{{ drift }}"
    directory: report
    fail_on: [unreadable, missing, definition_drift]
  register: report

- name: Fail the nightly job
  ansible.builtin.fail:
    msg: "{{ report.failure }}"
  when: report.failures | length > 0
"""

RETURN = r"""
msg:
  description: The whole report and the paths of its files in one line, which is also shown.
  returned: always
  type: str
  sample: >-
    3 of 15 services need attention; by kind: 1 missing, 2 definition drift, 12 in sync;
    report: /builds/report/drift.html, beside it drift.json, drift.md, drift.junit.xml
  version_added: 0.2.0
summary:
  description: The whole report in one line.
  returned: always
  type: str
  sample: "3 of 15 services need attention; by kind: 1 missing, 2 definition drift, 12 in sync"
totals:
  description: Number of services by kind, all kinds included.
  returned: always
  type: dict
  sample: {missing: 1, definition_drift: 2, in_sync: 12}
failures:
  description: Number of services by kind, for the kinds of O(fail_on) that occur.
  returned: always
  type: dict
  sample: {missing: 1}
failure:
  description: Message for a failing job, with the first services, the path of the page, and
    without values. Empty if no kind of O(fail_on) occurs.
  returned: always
  type: str
  sample: |-
    Drift in 1 service: 1 missing
      production/web: missing
      report: /builds/report/drift.html
files:
  description: Paths of the files by format, C(json), C(markdown), C(junit) and C(html), and of the
    C(history). Empty without O(directory).
  returned: always
  type: dict
  sample: {html: /builds/report/drift.html}
since:
  description: Time of the run that this one is compared with. Null without O(directory), with
    O(history=0), and on the first run.
  returned: always
  type: str
  sample: "2026-11-24T02:00:00Z"
  version_added: 0.2.0
added:
  description: Findings that are new since then, a service each, with the kinds that are new.
  returned: always
  type: list
  elements: dict
  sample: [{"cluster": "production", "service": "web", "kinds": ["definition_drift"]}]
  version_added: 0.2.0
gone:
  description: Findings that were there then and are gone.
  returned: always
  type: list
  elements: dict
  sample: []
  version_added: 0.2.0
"""
