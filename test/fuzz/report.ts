import type { Growth } from './growth.js';
import { writeRecipe } from './grammar.js';
import type { Replayable, RoundResult } from './round.js';
import { Tally } from './tally.js';

const STATUSES = [400, 401, 403, 404, 413];
const GROWTH_HEAD = ['body, at half and at the full size that is allowed', 'ns/byte', 'ns/byte', 'growth', 'ms'];

/** Adds up rounds, and prints what they came to. */
export class Report {
  growth: readonly Growth[] = [];
  private readonly tallies = new Map<string, Tally>();
  private readonly findings: Replayable[] = [];
  private readonly escaped: string[] = [];
  private found = 0;
  private otherMeanings = 0;
  private longestStallMs = 0;

  constructor(private readonly seed: number) {}

  get isClean(): boolean {
    return this.found === 0 && this.escaped.length === 0 && this.growth.every(({ isLinear }) => isLinear);
  }

  add({ tallies, findings, found, otherMeanings, longestStallMs }: RoundResult): void {
    for (const [host, tally] of tallies) {
      const sum = this.tallies.get(host) ?? new Tally();
      sum.merge(tally);
      this.tallies.set(host, sum);
    }
    this.findings.push(...findings);
    this.found += found;
    this.otherMeanings += otherMeanings;
    this.longestStallMs = Math.max(this.longestStallMs, longestStallMs);
  }

  /** A rejection or an exception that nobody has caught. */
  unhandled(reason: unknown): void {
    this.escaped.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
  }

  progress(messages: number): string {
    return `${this.total().messages} of ${messages} messages, ${this.found} findings`;
  }

  text(): string {
    const rows = [...this.tallies, ['all', this.total()] as const].map(([host, tally]) => rowOf(host, tally));
    const head = ['host', 'messages', 'accepted', ...STATUSES.map(String), 'other', '5xx', 'no reply'];
    return [
      ...this.findings.map((finding) => describe(finding)),
      ...this.escaped.map((escaped) => `Unhandled: ${escaped}`),
      '',
      ...align([head, ...rows]),
      '',
      ...(this.growth.length > 0 ? [...align([GROWTH_HEAD, ...this.growth.map(growthRow)]), ''] : []),
      `seed                            ${this.seed}`,
      `accepted with another meaning   ${this.otherMeanings}`,
      `5xx of ours                     ${this.total().ofHundred(5)}`,
      `unhandled                       ${this.escaped.length}`,
      `findings                        ${this.found}`,
      `longest stall of the event loop ${this.longestStallMs.toFixed(1)} ms`,
    ].join('\n');
  }

  private total(): Tally {
    const total = new Tally();
    for (const tally of this.tallies.values()) total.merge(tally);
    return total;
  }
}

function describe({ fault, host, detail, recipe, request }: Replayable): string {
  const command = `npm run test:fuzz -- --host ${host} --replay '${writeRecipe(recipe)}'`;
  return `${fault} at ${host}: ${detail.slice(0, 500)}\n  ${command}\n  ${request.slice(0, 2000)}`;
}

function rowOf(host: string, tally: Tally): string[] {
  const { messages, accepted, refused, unanswered } = tally;
  const statuses = STATUSES.map((status) => refused.get(status) ?? 0);
  const failed = tally.ofHundred(5);
  const other = messages - accepted - unanswered - failed - statuses.reduce((sum, times) => sum + times, 0);
  return [
    host,
    ...[messages, accepted, ...statuses, other, failed, unanswered].map((times) => times.toLocaleString('en')),
  ];
}

function growthRow({ name, half, full, isLinear, milliseconds }: Growth): string[] {
  return [
    name,
    half.toFixed(0),
    full.toFixed(0),
    `${(full / half).toFixed(2)}${isLinear ? '' : ' !'}`,
    milliseconds.toFixed(2),
  ];
}

/** Lines of a table: the first column to the left, the others to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}
