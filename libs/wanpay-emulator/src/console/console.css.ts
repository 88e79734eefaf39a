/** The console's only style sheet, served on its own since the pages allow nothing inline. */
export const CONSOLE_CSS = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e8eaed);
  --soft: light-dark(#57606a, #aab2bd);
  --page: light-dark(#ffffff, #14171b);
  --panel: light-dark(#f5f6f8, #1d2127);
  --line: light-dark(#8a939e, #6b7480);
  --link: light-dark(#0a4fa3, #8ab8ff);
  --good: light-dark(#0b6128, #6fd68c);
  --bad: light-dark(#a11919, #ff9a90);
  --wait: light-dark(#7a4b00, #f2c46d);
  --added: light-dark(#d3f2db, #123d20);
  --removed: light-dark(#fbdcda, #52201d);
}
* { box-sizing: border-box; }
body { background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
a { color: var(--link); }
header, main, footer { margin: 0 auto; max-width: 76rem; padding: 0 1rem; }
header { border-bottom: 1px solid var(--line); padding-bottom: 0.5rem; padding-top: 0.5rem; }
footer { color: var(--soft); padding-bottom: 2rem; padding-top: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: 0.375rem 0; }
nav a[aria-current] { font-weight: 700; text-decoration-thickness: 3px; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 1.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; }
.skip { left: -100vw; position: absolute; }
.skip:focus { background: var(--page); left: 1rem; padding: 0.5rem; top: 0.5rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.row { align-items: end; display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; margin: 0.5rem 0; }
.row p, .timeline p { margin: 0; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; margin: 1rem 0; padding: 0.75rem 1rem; }
form { margin: 0; }
label { display: block; }
fieldset { border: 1px solid var(--line); border-radius: 0.5rem; margin: 0.75rem 0; min-width: 0; }
button, input, select, textarea {
  background: var(--page); border: 1px solid var(--line); border-radius: 0.375rem; color: var(--text); font: inherit;
  max-width: 100%; min-height: 2.25rem; padding: 0.25rem 0.625rem;
}
button { background: var(--panel); cursor: pointer; }
button:hover { border-color: var(--link); }
button.main { background: var(--link); color: var(--page); }
input[type='checkbox'] { height: 1.5rem; min-height: 0; vertical-align: middle; width: 1.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.5rem 0; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.375rem 0.75rem 0.375rem 0; text-align: left; vertical-align: top; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td.says { min-width: 14rem; }
td.number code { overflow-wrap: normal; }
td a { display: inline-block; min-height: 1.5rem; min-width: 1.5rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9375rem; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { margin: 0.25rem 0; }
dl { display: grid; gap: 0.125rem 1rem; grid-template-columns: max-content 1fr; margin: 0.5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ol.timeline { list-style: none; margin: 0; padding: 0; }
ol.timeline > li { border-left: 3px solid var(--line); margin: 0 0 0.75rem; padding: 0 0 0.25rem 0.75rem; }
time { color: var(--soft); font-variant-numeric: tabular-nums; }
.paid, .good { color: var(--good); font-weight: 600; }
.failed, .closed, .bad { color: var(--bad); font-weight: 600; }
.paying { color: var(--wait); font-weight: 600; }
.notice { border-left: 4px solid var(--wait); padding-left: 0.75rem; }
ins { background: var(--added); color: var(--text); text-decoration: underline; }
del { background: var(--removed); color: var(--text); }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.375rem; }
}
`;
