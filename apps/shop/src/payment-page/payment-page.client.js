/** What needs a script on a payment page: copying, printing and the countdown. Also for what htmx swaps in later. */

const CONFIRMED_MS = 2_000;
const SECOND_MS = 1_000;
const UNITS = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 };

document.documentElement.classList.add('scripted');
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) void copy(button);
  if (event.target.closest('[data-print]')) window.print();
});
document.addEventListener('htmx:afterSettle', countDown);
setInterval(countDown, SECOND_MS);
countDown();

async function copy(button) {
  const { copy: text, copied, failed, announce } = button.dataset;
  try {
    await navigator.clipboard.writeText(text);
    confirm(button, copied, announce);
  } catch {
    // Refused, or not a secure page: the text is on the page to be selected.
    confirm(button, failed, failed);
  }
}

function confirm(button, text, announcement) {
  const label = button.querySelector('[data-label]');
  const announcer = document.querySelector('[data-copy-announcer]');
  label.dataset.original ||= label.textContent;
  label.textContent = text;
  button.classList.add('confirmed');
  announcer.textContent = announcement;
  setTimeout(() => {
    label.textContent = label.dataset.original;
    button.classList.remove('confirmed');
    announcer.textContent = '';
  }, CONFIRMED_MS);
}

function countDown() {
  for (const element of document.querySelectorAll('[data-countdown-to]')) {
    const { countdownTo, now } = element.dataset;
    // `now` is the server's clock when it made this element, which is when it was first seen here by ours.
    element.dataset.seenAt ||= String(Date.now());
    const passed = Date.now() - Number(element.dataset.seenAt);
    fill(element, Math.max(0, Math.floor((Date.parse(countdownTo) - Date.parse(now) - passed) / SECOND_MS)));
  }
}

function fill(element, seconds) {
  let left = seconds;
  for (const [unit, length] of Object.entries(UNITS)) {
    element.querySelector(`[data-unit="${unit}"]`).textContent = String(Math.floor(left / length));
    left %= length;
  }
}
