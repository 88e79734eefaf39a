import { hostNames, type HostResult, tryHost, withPackedLibrary } from './hosts.js';

/** Tries the packed library in every host, or in those named on the command line, and prints what came of it. */
const names = process.argv.length > 2 ? process.argv.slice(2) : await hostNames();
const results = await withPackedLibrary(async (tarball) => {
  const tried: HostResult[] = [];
  for (const name of names) tried.push(await tryHost(name, tarball));
  return tried;
});

console.log('| host | works | install | build | start | test |');
console.log('|---|---|---|---|---|---|');
for (const { host, seconds, failure } of results) {
  const times = [seconds.install, seconds.build, seconds.start, seconds.test].map((s) =>
    s === undefined ? '' : `${s.toFixed(1)} s`,
  );
  console.log(`| ${host} | ${failure ? `no: ${failure.step}` : 'yes'} | ${times.join(' | ')} |`);
}
for (const { host, line } of results) if (line !== undefined) console.log(`\n${host}: ${line}`);
for (const { host, failure } of results) if (failure) console.log(`\n${host}: ${failure.step}\n${failure.output}`);
if (results.some(({ failure }) => failure)) process.exitCode = 1;
