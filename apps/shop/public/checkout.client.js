/** Keeps the total of the checkout form up to date; the server works it out again. */
document.addEventListener('input', ({ target }) => {
  const output = target.form?.elements.total;
  if (target.name !== 'quantity' || !output) return;
  const total = target.validity.valid ? target.valueAsNumber * Number(output.dataset.price) : NaN;
  output.value = Number.isNaN(total) ? '–' : `NT$${total.toLocaleString('en-US')}`;
});
