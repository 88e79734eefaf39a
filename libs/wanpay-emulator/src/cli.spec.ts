import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from './command.js';
import { portOf } from './testing/shop.js';

/** The command as it is published: its process runs on what was built. */
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** A command that runs in this process. */
class Run {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly signals = new EventEmitter();
  readonly code: Promise<number>;

  constructor(args: readonly string[]) {
    this.code = runCommand(args, this).finally(() => {
      this.stdout.end();
      this.stderr.end();
    });
  }

  /** Ends it as a signal does; nothing happens where it has ended. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number> {
    this.signals.emit(signal);
    return this.code;
  }
}

describe('the command', () => {
  const runs: Run[] = [];
  const processes: ChildProcessWithoutNullStreams[] = [];
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    for (const run of runs.splice(0)) await run.end('SIGTERM');
  });

  const start = (...args: string[]): Run => {
    const run = new Run(args);
    runs.push(run);
    return run;
  };

  const startProcess = (...args: string[]): ChildProcessWithoutNullStreams => {
    const child = spawn(process.execPath, [CLI, ...args]);
    processes.push(child);
    return child;
  };

  /** Runs it to its end. */
  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const { stdout, stderr, code } = start(...args);
    const [printed, complaint, exitCode] = await Promise.all([text(stdout), text(stderr), code]);
    return { code: exitCode, stdout: printed, stderr: complaint };
  };

  /** Waits for the greeting, which ends with the line about the key. */
  const greeting = async ({ stdout }: Pick<Run, 'stdout'> | ChildProcessWithoutNullStreams): Promise<string> => {
    let seen = '';
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      seen += String(chunk);
      if (/WANPAY_KEY.*\n/.test(seen)) return seen;
    }
    throw new Error(`It ended without a greeting: ${seen}`);
  };

  it('explains itself', async () => {
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const option of ['--port', '--host', '--merchant', '--stopped', '--start-at', '--data', '--version']) {
      expect(help.stdout).toContain(option);
    }
    expect(await run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('says where to look, serves, and ends in order on %s', async (signal) => {
    const command = start('--port', '0');
    const reach = await expectToServe(await greeting(command));
    expect(await command.end(signal)).toBe(0);
    await expect(reach()).rejects.toThrow('fetch failed');
    expect(command.signals.eventNames()).toEqual([]);
  });

  it('is a process that serves, and ends in order on a signal', async () => {
    const child = startProcess('--port', '0');
    await expectToServe(await greeting(child));
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('takes merchants and a clock, and keeps their keys to itself', async () => {
    const startAt = '2026-03-01T00:00:00.000Z';
    const command = start(
      '--port',
      '0',
      '--merchant',
      'M1:se:cret',
      '--merchant',
      'M2:k',
      '--stopped',
      '--start-at',
      startAt,
    );
    const seen = await greeting(command);
    expect(seen).toContain('WANPAY_MERCHANT_NO=M1');
    expect(seen).not.toContain('cret');
    const [url] = /http:\S+/.exec(seen) ?? [];
    const clock = await fetch(`${url}/api/clock`);
    expect(await clock.json()).toEqual({ now: startAt, stopped: true });
  });

  describe('with a file for its state', () => {
    let folder: string;
    let data: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'wanpay-cli-'));
      data = join(folder, 'state.json');
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('goes on where it ended', async () => {
      const first = start('--port', '0', '--stopped', '--start-at', '2026-03-01T00:00:00.000Z', '--data', data);
      await greeting(first);
      await first.end('SIGTERM');
      const second = start('--port', '0', '--data', data);
      const [url] = /http:\S+/.exec(await greeting(second)) ?? [];
      const clock = await fetch(`${url}/api/clock`);
      expect(await clock.json()).toEqual({ now: '2026-03-01T00:00:00.000Z', stopped: true });
      await second.end('SIGTERM');
    });

    it('refuses one that is none of its own', async () => {
      await writeFile(data, '{"name":"mine"}');
      expect(await run('--port', '0', '--data', data)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('is not a state file of this emulator'),
      });
    });
  });

  it.each([
    ['127.0.0.1', 'bound to this machine alone'],
    ['0.0.0.0', 'whoever reaches this address can pay'],
  ])('says on %s that it asks for no password: %s', async (host, words) => {
    const seen = await greeting(start('--port', '0', '--host', host));
    expect(seen).toContain('asks for no password');
    expect(seen).toContain(words);
  });

  it('says that the port is taken, and ends with 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = portOf(other);
    const child = startProcess('--port', String(port));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    await new Promise((resolve) => other.close(resolve));
    const code = child.exitCode;
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot listen on 127.0.0.1, port ${port}: the port is taken.\n`,
    });
  });

  it.each([
    ['--port', 'http'],
    ['--port', '65536'],
    ['--merchant', 'M1'],
    ['--start-at', 'tomorrow'],
    ['--unknown', ''],
  ])('refuses %s %s', async (...args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(args[0]);
  });
});

/** The greeting names the test merchant and its key, and an address that answers; returns what asks there again. */
async function expectToServe(seen: string): Promise<() => Promise<Response>> {
  expect(seen).toContain('WANPAY_MERCHANT_NO=21008024');
  expect(seen).toContain('QGbZvggxNdGgMUnp');
  const [, baseUrl] = /WANPAY_BASE_URL=(\S+)/.exec(seen) ?? [];
  const ask = (): Promise<Response> => fetch(`${baseUrl}/orderquery`, { method: 'POST' });
  const reply = await ask();
  expect(await reply.json()).toMatchObject({ status: '910' });
  return ask;
}
