/**
 * The style sheet of the page. The style sheet uses system fonts and supports light and dark mode, phones and print.
 */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --soft: #f3f4f6; --line: #c9ced6; --faint: #55606e; --link: #0a58ca; --warn: #8a1c13; --warn-back: #fdecea;
  --critical: #7d1128; --high: #a8321a; --medium: #855100; --low: #2d5f9a; --other: #55606e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ee; --back: #14171b; --soft: #1f242b; --line: #3b434e; --faint: #a3adba; --link: #7db4ff; --warn: #ffb4a8; --warn-back: #3a1713;
    --critical: #ff8aa0; --high: #ff9d80; --medium: #f0b859; --low: #8fc1ff; --other: #a3adba; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; color: var(--text); background: var(--back); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h1 small, small, footer { color: var(--faint); font-weight: normal; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; }
summary h2 { display: inline; }
details.part { margin-top: 1rem; }
summary { cursor: pointer; }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .25rem 2rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.diagnostics { border: 1px solid var(--line); border-left: .4rem solid var(--faint); background: var(--soft); padding: .1rem 1rem; overflow-wrap: anywhere; }
.diagnostics.incomplete { border-color: var(--warn); background: var(--warn-back); }
.diagnostics.incomplete h2 { color: var(--warn); }
.diagnostics h2 { margin-top: .5rem; }
.summary { font-size: 1.1rem; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; list-style: none; padding: 0; }
.severity { border: 1px solid currentColor; border-radius: .25rem; padding: 0 .4rem; white-space: nowrap; color: var(--other); font-weight: 600; }
.severity.defcon1, .severity.critical { color: var(--critical); }
.severity.high { color: var(--high); }
.severity.medium { color: var(--medium); }
.severity.low { color: var(--low); }
.kev { color: var(--warn); font-size: .8em; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; margin: .5rem 0; }
.filters[hidden] { display: none; }
input, select, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--faint); border-radius: .25rem; padding: .15rem .4rem; }
.wide { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td bdi { overflow-wrap: anywhere; }
thead th { background: var(--soft); white-space: nowrap; }
thead button { border: 0; background: none; padding: 0; font-weight: inherit; cursor: pointer; }
th[aria-sort="ascending"] button::after { content: " \\2191"; }
th[aria-sort="descending"] button::after { content: " \\2193"; }
.words { white-space: pre-line; max-width: 60rem; }
@media print { .filters, .skip { display: none; } .wide { overflow: visible; } }
`;
