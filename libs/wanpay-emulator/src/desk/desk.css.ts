/** The desk's only style sheet, served on its own since the pages allow nothing inline. */
export const DESK_CSS = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
th, td { border-bottom: 1px solid #ccc; padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; }
code { overflow-wrap: anywhere; }
form { display: inline-block; margin: 0 1rem 0.5rem 0; }
button, input { font: inherit; padding: 0.2rem 0.6rem; }
.paid { color: #06662a; }
.failed, .closed { color: #9b1c1c; }
`;
