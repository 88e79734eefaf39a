import type { HostName, Step } from './hosts.js';
import { withInstalledHost } from './installed-host.js';
import type { NodeVersion } from './node-versions.js';
import type { PackedLibrary } from './packed-libraries.js';
import { CommandFailedError, run } from './run.js';

/** What each host prints: whether the account is the platform’s, the answer to the notification, what was shipped … */
const EXPECTED_LINE = 'true success ORDER1 paid true 1';
/** What became of a host: the line that its program printed where it was started, or the step that failed and what it said. */
export interface HostResult {
  readonly host: HostName;
  readonly node: string;
  readonly seconds: Readonly<Partial<Record<Step, number>>>;
  readonly line?: string;
  readonly failure?: { readonly step: Step | 'install'; readonly output: string };
}

/**
 * Takes a host's steps with a version of Node.js.
 *
 * @param env what the host gets besides
 */
export async function tryHost(
  host: HostName,
  libraries: readonly PackedLibrary[],
  node: NodeVersion,
  steps: readonly Step[],
  env: Readonly<Record<string, string>>,
): Promise<HostResult> {
  const tried = { host, node: node.version };
  try {
    return await withInstalledHost(host, libraries, async (folder) => ({
      ...tried,
      ...(await take(steps, folder, node, env)),
    }));
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
    return { ...tried, seconds: {}, failure: { step: 'install', output: error.message } };
  }
}

async function take(
  steps: readonly Step[],
  cwd: string,
  { bin }: NodeVersion,
  env: Readonly<Record<string, string>>,
): Promise<Omit<HostResult, 'host' | 'node'>> {
  const seconds: Partial<Record<Step, number>> = {};
  let line: string | undefined;
  for (const step of steps) {
    const from = performance.now();
    try {
      const output = await run(['npm', 'run', '--silent', '--if-present', step], { cwd, bin, env });
      if (step === 'start') line = output.trim();
      if (step === 'start' && line !== EXPECTED_LINE) return { seconds, failure: { step, output } };
    } catch (error) {
      if (!(error instanceof CommandFailedError)) throw error;
      return { seconds, failure: { step, output: error.output } };
    }
    seconds[step] = (performance.now() - from) / 1000;
  }
  return { seconds, ...(line === undefined ? {} : { line }) };
}
