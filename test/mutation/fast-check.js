import fc from 'fast-check';

// A mutant needs to be seen, not told in its smallest form.
fc.configureGlobal({ endOnFailure: true, numRuns: 50 });
