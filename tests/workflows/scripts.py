"""Has shellcheck read the scripts that stand in workflows.

In: workflow files. Out: shellcheck's words, with the file and the step; exit code 1 when there are some.
Never here: a run of a script, or PowerShell.
"""

import re
import subprocess
import sys

from ruamel.yaml import YAML


def steps(workflow):
    """Each step with a script, and the shell that runs it."""
    default = workflow.get("defaults", {}).get("run", {}).get("shell", "bash")
    for name, job in workflow["jobs"].items():
        of_job = job.get("defaults", {}).get("run", {}).get("shell", default)
        for step in job.get("steps", []):
            if "run" in step:
                yield name, step.get("shell", of_job), step["run"]


def faults(file):
    with open(file, encoding="utf-8") as text:
        workflow = YAML(typ="safe").load(text)
    count = 0
    for job, shell, script in steps(workflow):
        if shell not in ("bash", "sh"):
            continue
        # GitHub starts bash with -e and pipefail; an expression is a value by then.
        script = "set -eo pipefail\n" + re.sub(r"\$\{\{.*?\}\}", "value", script)
        checked = subprocess.run(
            ["shellcheck", f"--shell={shell}", "--format=gcc", "-"],
            input=script, capture_output=True, text=True, check=False,
        )
        if checked.returncode != 0:
            count += 1
            print(f"{file}, job {job}:\n{checked.stdout}{checked.stderr}", file=sys.stderr)
    return count


if __name__ == "__main__":
    sys.exit(1 if sum(faults(file) for file in sys.argv[1:]) else 0)
