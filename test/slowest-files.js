const SHOWN = 10;

/** A Jest reporter that tells which files took longest, for whoever looks after the suite's speed. */
export default class SlowestFiles {
  onRunComplete(_contexts, { testResults }) {
    const files = testResults.map(({ testFilePath, perfStats }) => ({ path: testFilePath, ms: perfStats.runtime }));
    const slowest = files.sort((a, b) => b.ms - a.ms).slice(0, SHOWN);
    const lines = slowest.map(({ path, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${path}`);
    console.log(`\nSlowest files:\n${lines.join('\n').replaceAll(`${process.cwd()}/`, '')}\n`);
  }
}
