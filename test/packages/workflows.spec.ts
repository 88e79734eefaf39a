import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}/.github/workflows`;

describe.each(readdirSync(FOLDER))('the workflow %s', (name) => {
  const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
  const all = (pattern: RegExp): (string | undefined)[] => [...text.matchAll(pattern)].map(([, found]) => found);

  it('pins each action by its commit, since a tag can be moved', () => {
    const actions = all(/uses: (.+)$/gm);
    expect(actions).not.toEqual([]);
    expect(actions).toEqual(actions.map(() => expect.stringMatching(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)));
  });

  it('gives the token no right to write, but to the job that needs it', () => {
    expect(text).toContain('\npermissions:\n  contents: read\n');
  });

  it('runs scripts and files that exist', () => {
    const manifest = readFileSync(`${ROOT}/package.json`, 'utf8');
    expect(all(/- run: npm run ([\w:-]+)/g).filter((script) => !manifest.includes(`"${script}": "`))).toEqual([]);
    const paths = all(/((?:libs|test)\/[\w./-]+)/g).filter((path) => path !== undefined);
    expect(paths.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });
});
