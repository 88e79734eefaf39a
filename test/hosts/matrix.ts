import type { HostResult } from './try-host.js';

/** The table of the README: a row for each host, a column for each version of Node.js. */
export function matrix(results: readonly HostResult[]): string {
  const nodes = [...new Set(results.map(({ node }) => node))];
  const hosts = [...new Set(results.map(({ host }) => host))];
  const rows = hosts.map((host) => [host, ...nodes.map((node) => cell(results, host, node))]);
  const lines = [['host', ...nodes.map((node) => `Node.js ${node}`)], ['---', ...nodes.map(() => '---')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(results: readonly HostResult[], host: string, node: string): string {
  const result = results.find((each) => each.host === host && each.node === node);
  if (!result) return '';
  return result.failure ? `no: ${result.failure.step}` : 'yes';
}
