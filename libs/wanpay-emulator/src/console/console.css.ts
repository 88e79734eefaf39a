/** The console's only style sheet, served on its own since the pages allow nothing inline. */
export const CONSOLE_CSS = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e8eb);
  --soft: light-dark(#57606a, #a8b0bb);
  --page: light-dark(#ffffff, #14171b);
  --panel: light-dark(#f6f7f9, #1b1f25);
  --line: light-dark(#d5d9de, #343b45);
  --edge: light-dark(#848d97, #6f7986);
  --link: light-dark(#0a4fa3, #8ab8ff);
  --good: light-dark(#0b5c27, #86e0a0);
  --good-back: light-dark(#e0f4e6, #12321e);
  --bad: light-dark(#9c1616, #ffa79e);
  --bad-back: light-dark(#fde8e6, #45201d);
  --wait: light-dark(#6b4200, #f2c46d);
  --wait-back: light-dark(#fdf0d5, #3b2d10);
  --idle-back: light-dark(#e9ecf0, #2b3038);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 8rem; }
body { background: var(--page); color: var(--text); font: 0.9375rem/1.5 system-ui, 'Noto Sans TC', 'PingFang TC', sans-serif; margin: 0; }
a { color: var(--link); text-underline-offset: 2px; }
.bar, .clock, main, footer { margin: 0 auto; max-width: 76rem; padding: 0 1rem; }
header { background: var(--panel); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 1; }
footer { border-top: 1px solid var(--line); color: var(--soft); margin-top: 2.5rem; padding: 1rem; }
footer p { margin: 0.25rem 0; }
.bar { align-items: center; display: flex; gap: 1rem; justify-content: space-between; }
.bar nav { overflow-x: auto; scrollbar-width: none; }
.bar ul { display: flex; gap: 0.25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
.bar a { display: inline-block; line-height: 1.5; padding: 0.625rem 0 0.5rem; text-decoration: none; white-space: nowrap; }
.bar nav a { border-bottom: 3px solid transparent; color: var(--text); }
.bar nav a:hover { border-bottom-color: var(--line); }
.bar nav a[aria-current] { border-bottom-color: var(--link); font-weight: 600; }
.clock { padding-bottom: 0.5rem; }
.clock .buttons { margin-top: 0.25rem; }
.clock p { align-items: center; display: flex; flex-wrap: wrap; gap: 0 0.5rem; margin: 0; }
#clock-face { font-size: 1.125rem; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.25rem 0 0.75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; margin: 1.5rem 0 0.5rem; }
h3 { align-items: center; display: flex; flex-wrap: wrap; font-size: 0.9375rem; gap: 0.25rem 0.5rem; margin: 0.75rem 0 0.25rem; overflow-wrap: anywhere; }
.panel h2 { margin-top: 0; }
.skip { left: -100vw; position: absolute; }
.skip:focus { background: var(--page); left: 1rem; padding: 0.5rem; top: 0.5rem; z-index: 2; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.row { align-items: flex-end; display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; margin: 0.5rem 0; }
.row p { margin: 0; }
li.row, p.row, .notice.row { align-items: center; }
input[type='search'] { width: 20rem; }
.buttons { align-items: center; display: flex; flex-wrap: wrap; gap: 0.5rem; }
.buttons .buttons { display: contents; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; margin: 0.75rem 0; padding: 0.75rem 1rem; }
.cards { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); }
.cards .panel { margin: 0; min-width: 0; }
form { margin: 0; }
label > span { color: var(--soft); display: block; font-size: 0.8125rem; }
label.check { align-items: center; display: flex; gap: 0.5rem; margin: 0.5rem 0; }
.field { max-width: 100%; min-width: 0; }
.field .bad { font-size: 0.8125rem; margin: 0.125rem 0 0; }
[aria-invalid] { border-color: var(--bad); }
fieldset { border: 0; margin: 0.5rem 0; min-width: 0; padding: 0; }
legend { color: var(--soft); font-weight: 600; padding: 0; }
button, input, select, textarea, a.button {
  background: var(--page); border: 1px solid var(--edge); border-radius: 0.375rem; color: var(--text); font: inherit;
  line-height: 1.25rem; max-width: 100%; min-height: 2.125rem; padding: 0.375rem 0.625rem;
}
textarea { width: 28rem; }
button, a.button { cursor: pointer; text-decoration: none; white-space: nowrap; }
button:hover, a.button:hover { border-color: var(--link); }
button.main { background: var(--link); border-color: var(--link); color: var(--page); }
input[type='checkbox'] { height: 1.5rem; margin: 0; min-height: 0; width: 1.5rem; }
details.panel > summary { font-weight: 600; }
summary { cursor: pointer; min-height: 1.5rem; overflow-wrap: anywhere; }
details[open].panel > summary { margin-bottom: 0.5rem; }
details.fault, details.operation { border-top: 1px solid var(--line); padding: 0.5rem 0; }
details.fault[open], details.operation[open] { padding-bottom: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.5rem 0; width: 100%; }
th { color: var(--soft); font-size: 0.8125rem; font-weight: 600; white-space: nowrap; }
th, td { border-bottom: 1px solid var(--line); padding: 0.4375rem 1rem 0.4375rem 0; text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
td.number, td.amount { font-variant-numeric: tabular-nums; }
td.amount, th.amount { text-align: right; white-space: nowrap; }
td.says { min-width: 14rem; }
td.quoted { min-width: 8rem; }
.quoted { overflow-wrap: anywhere; }
td a { display: inline-block; min-height: 1.5rem; min-width: 1.5rem; }
tbody tr:hover { background: var(--panel); }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875rem; overflow-wrap: anywhere; white-space: pre-wrap; }
td code { overflow-wrap: normal; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 0.375rem; margin: 0.25rem 0; padding: 0.5rem 0.75rem; }
.panel pre { background: var(--page); }
dl { display: grid; gap: 0.125rem 1.25rem; grid-template-columns: max-content 1fr; margin: 0.5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ul.plain { list-style: none; margin: 0; padding: 0; }
.moment { font-variant-numeric: tabular-nums; }
.moment time { white-space: nowrap; }
.soft { color: var(--soft); }
.block { display: block; font-size: 0.8125rem; overflow-wrap: anywhere; }
.big { font-size: 1.25rem; line-height: 1; }
.narrow { display: none; }
.label {
  background: var(--idle-back); border-radius: 0.25rem; display: inline-block; font-size: 0.8125rem; font-weight: 600;
  line-height: 1.25rem; padding: 0.0625rem 0.5rem; white-space: nowrap;
}
.label.paid { background: var(--good-back); color: var(--good); }
.label.failed { background: var(--bad-back); color: var(--bad); }
.label.paying { background: var(--wait-back); color: var(--wait); }
.bad { color: var(--bad); }
.notice { background: var(--wait-back); border-left: 4px solid var(--wait); margin: 0.75rem 0; padding: 0.5rem 0.75rem; }
.notice.bad { background: var(--bad-back); border-left-color: var(--bad); }
.notice p { margin: 0; }
.choices a[aria-current] { color: var(--text); font-weight: 600; text-decoration-thickness: 3px; }
.choices a { min-height: 1.5rem; }
ol.track { display: flex; flex-wrap: wrap; list-style: none; margin: 0.75rem 0 1.25rem; padding: 0; row-gap: 1rem; }
.stop { border-top: 3px solid var(--edge); display: flex; flex: 1 0 9rem; flex-direction: column; font-size: 0.8125rem; max-width: 14rem; padding: 0.75rem 1rem 0 0; position: relative; }
.stop::before { background: var(--page); border: 3px solid var(--edge); border-radius: 50%; content: ''; height: 1rem; left: 0; position: absolute; top: -0.59rem; width: 1rem; }
.stop.plain::before { background: var(--edge); }
.stop.good::before { background: var(--good); border-color: var(--good); }
.stop.bad::before { background: var(--bad); border-color: var(--bad); }
.stop.bad { color: inherit; }
.stop.due, .stop.maybe { border-top-style: dashed; }
.stop .what { font-weight: 600; }
ol.track li:last-child { border-color: transparent; }
ol.timeline { list-style: none; margin: 0; padding: 0; }
ol.timeline > li { border-left: 3px solid var(--line); margin: 0 0 0.75rem; padding: 0 0 0.25rem 0.875rem; }
.timeline p { margin: 0.125rem 0; }
output { display: block; font-family: ui-monospace, monospace; font-size: 0.875rem; overflow-wrap: anywhere; white-space: pre-wrap; }
ins { background: var(--good-back); color: var(--good); }
del { background: var(--bad-back); color: var(--bad); }
@media (max-width: 48rem) {
  .wide, .clock .place, td .rule { display: none; }
  .bar { align-items: flex-start; }
  .bar nav { overflow-x: visible; }
  .bar ul { flex-wrap: wrap; gap: 0 0.875rem; }
  .bar a { padding: 0.375rem 0 0.25rem; }
  .narrow { display: block; font-size: 0.8125rem; }
  html { scroll-padding-top: 12rem; }
  .clock .buttons { gap: 0.375rem 0.25rem; }
  .clock button, .clock a.button { font-size: 0.875rem; padding: 0.25rem 0.375rem; }
  th { white-space: normal; word-break: keep-all; }
  th, td { padding-right: 0.75rem; }
  td .block { min-width: 6rem; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.375rem; }
  .row > .field, .row > label, .row > .field input, .row > label input, .row > label select, .row > .field select { width: 100%; }
  ol.track { display: block; }
  .stop { border-left: 3px solid var(--edge); border-top: 0; max-width: none; padding: 0 0 0.875rem 1.125rem; margin-left: 0.4375rem; }
  .stop::before { left: -0.59rem; top: 0.125rem; }
  .stop.due, .stop.maybe { border-left-style: dashed; }
}
@media (max-width: 30rem) { .clock .next { display: none; } }
[hidden] { display: none; }
`;
