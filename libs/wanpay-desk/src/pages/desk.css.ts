/** The look of the desk: on phones and wide screens, light and dark, and printed. */
export const DESK_CSS = `
:root {
  color-scheme: light dark;
  --paper: #f7f8f7; --card: #ffffff; --ink: #20272c; --faint: #59636a; --line: #d8dcd9; --accent: #14605a;
  --on-accent: #ffffff; --good: #1a6b38; --good-tint: #e4f2e8; --bad: #9a2a24; --bad-tint: #fbe9e7;
  --wait: #6f510c; --wait-tint: #fbf2da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161a1d; --card: #1f2529; --ink: #e8e6e1; --faint: #abb3b8; --line: #3b444a; --accent: #7fd0c4;
    --on-accent: #10201e; --good: #8fd6a6; --good-tint: #1c3325; --bad: #f2aaa4; --bad-tint: #3a2120;
    --wait: #e8c877; --wait-tint: #352c17;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  background: var(--paper); color: var(--ink); margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem;
  font: 1rem/1.6 'Noto Sans TC', 'Noto Sans CJK TC', 'PingFang TC', 'Microsoft JhengHei', system-ui, sans-serif;
}
html:lang(en) body { font-family: 'Noto Sans', 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif; }
[data-offline] body { border-top: 4px dashed var(--bad); }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 1.5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 0.5rem; overflow-wrap: anywhere; }
h3 { font-size: 1.05rem; line-height: 1.4; margin: 0 0 0.25rem; overflow-wrap: anywhere; }
p { margin: 0.4rem 0; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
body > header { align-items: start; border-bottom: 1px solid var(--line); display: flex; gap: 0.25rem 1rem; padding: 0.6rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: 0.35rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
nav a[aria-current] { border-bottom: 3px solid currentcolor; color: var(--ink); font-weight: 700; }
.language { margin-left: auto; padding: 0.35rem 0; white-space: nowrap; }
.count { margin-left: 0.35rem; background: var(--bad); border-radius: 1em; color: var(--paper); font-size: 0.8rem; font-weight: 700; padding: 0.1rem 0.5rem; }
.skip { background: var(--accent); color: var(--on-accent); left: 1rem; padding: 0.5rem 1rem; position: absolute; top: 0; transform: translateY(-150%); }
.skip:focus { transform: none; }
.visually-hidden { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; white-space: nowrap; width: 1px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0.75rem 0; padding: 1rem; }
.cards { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; list-style: none; margin: 0; padding: 0; }
.cards > li { margin: 0; }
.card > h2 { margin-top: 0; }
.raw, .when, .hint { color: var(--faint); font-size: 0.875rem; }
.notice { background: var(--wait-tint); border-left: 4px solid var(--wait); color: var(--ink); padding: 0.5rem 0.75rem; }
.problem { background: var(--bad-tint); border-left: 4px solid var(--bad); color: var(--ink); padding: 0.5rem 0.75rem; }
.done { background: var(--good-tint); border-left: 4px solid var(--good); color: var(--ink); padding: 0.5rem 0.75rem; }
.badge { border-radius: 1em; display: inline-block; font-size: 0.875rem; padding: 0.05rem 0.6rem; white-space: nowrap; background: var(--wait-tint); color: var(--wait); }
.badge.paid, .badge.delivered { background: var(--good-tint); color: var(--good); }
.badge.failed, .badge.dead { background: var(--bad-tint); color: var(--bad); }
.badge.closed, .badge.expired { background: var(--line); color: var(--ink); }
form { margin: 0.5rem 0; }
form.row, .row { align-items: end; display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; }
label { display: grid; gap: 0.15rem; font-size: 0.9rem; }
.row > label > input { order: 1; }
fieldset { border: 1px solid var(--line); border-radius: 8px; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0.25rem 0.75rem 0.5rem; }
fieldset label { align-items: center; display: flex; gap: 0.4rem; min-height: 1.75rem; }
input, select, textarea, button { font: inherit; }
input:not([type='checkbox'], [type='radio']), select, textarea {
  background: var(--card); border: 1px solid var(--faint); border-radius: 6px; color: var(--ink); max-width: 100%; min-height: 2.5rem; padding: 0.3rem 0.6rem;
}
textarea { min-height: 4.5rem; width: 100%; }
label.wide { flex: 1 1 16rem; }
label.wide input { width: 100%; }
button { background: var(--card); border: 1px solid var(--accent); border-radius: 6px; color: var(--accent); cursor: pointer; min-height: 2.5rem; padding: 0.3rem 1rem; }
button.main { background: var(--accent); color: var(--on-accent); }
button:hover { text-decoration: underline; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.45rem 0.75rem 0.45rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; }
thead th { color: var(--faint); font-size: 0.875rem; white-space: nowrap; }
td.number, th.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
tbody th { overflow-wrap: anywhere; min-width: 7rem; }
time { font-variant-numeric: tabular-nums; white-space: nowrap; }
dl.facts { display: grid; gap: 0.25rem 1rem; grid-template-columns: minmax(6rem, max-content) 1fr; margin: 0.5rem 0; }
dl.facts dt { color: var(--faint); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
dl.counts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0.75rem 0; }
dl.counts dt { color: var(--faint); font-size: 0.9rem; }
dl.counts dd { font-size: 1.4rem; font-variant-numeric: tabular-nums; margin: 0; }
.timeline { border-left: 2px solid var(--line); list-style: none; margin: 0.5rem 0; padding: 0 0 0 1rem; }
.timeline > li { margin: 0 0 0.9rem; }
.timeline ul { margin: 0; padding-left: 1.1rem; }
.failure { color: var(--bad); overflow-wrap: anywhere; white-space: pre-wrap; }
code { font-family: ui-monospace, 'Liberation Mono', monospace; font-size: 0.875em; overflow-wrap: anywhere; }
/* A chart that is too wide shows its newest day first. */
.figure .scroll:has(> svg) { direction: rtl; }
svg { direction: ltr; display: block; margin-right: auto; max-width: none; }
svg text { fill: var(--ink); font-size: 12px; }
svg .faint { fill: var(--faint); }
svg .line { stroke: var(--line); stroke-width: 1; }
svg .axis { stroke: var(--faint); stroke-width: 1; }
svg .bar { fill: var(--accent); }
svg .mark { fill: var(--accent); stroke: var(--paper); stroke-width: 1.5; }
svg .mark.good { fill: var(--good); }
svg .mark.bad { fill: var(--bad); }
svg .deadline { stroke: var(--bad); stroke-dasharray: 5 4; stroke-width: 2; }
.figure { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
progress { accent-color: var(--accent); height: 1.25rem; width: 100%; }
.narrow { display: none; }
@media (width < 640px) {
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: 0.5rem; }
  button { flex: 1 1 auto; }
  .row > label { flex: 1 1 8rem; min-width: 0; }
  .row > label > input, .row > label > select { width: 100%; }
  .roomy { display: none; }
  .narrow { display: block; font-weight: 400; }
}
@media print { body > header, form { display: none; } }
`;
