import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StateFileError, systemErrorCode } from '../errors.js';
import { type Snapshot } from './snapshot.js';

const FORMAT = 'wanpay-emulator state';
const VERSION = 2;
/** JSON knows no dates: this is how one is told from a text that looks like one. */
const DATE = '$date';

interface Envelope {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly sha256: string;
  readonly snapshot: Snapshot;
}

/**
 * Reads the state that was kept in a file.
 *
 * @returns undefined when there is no such file
 * @throws StateFileError when it cannot be read, or is not as this version wrote it
 */
export async function readStateFile(path: string): Promise<Snapshot | undefined> {
  const text = await read(path);
  if (text === undefined) return undefined;
  const content = parse(text);
  if (isEnvelope(content)) return content.snapshot;
  throw new StateFileError(`${path} ${complaint(content)} Move it away to begin anew, or put back a copy.`);
}

/**
 * Replaces a file by the present state. Whoever is killed meanwhile leaves the old file or the new one, whole. Only the
 * owner may read it, for it holds the merchants' keys.
 *
 * @throws StateFileError when it cannot be written
 */
export async function writeStateFile(path: string, snapshot: Snapshot): Promise<void> {
  const next = `${path}.next`;
  try {
    await writeDurably(next, serialize(snapshot));
    await rename(next, path);
    await sync(dirname(path));
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw new StateFileError(`Cannot write ${path} (${reasonOf(error)}): name a file that can be written.`, {
      cause: error,
    });
  }
}

function serialize(snapshot: Snapshot): string {
  const json = toJson(snapshot);
  return `{"format":"${FORMAT}","version":${VERSION},"sha256":"${sha256(json)}","snapshot":${json}}\n`;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new StateFileError(
      `Cannot read ${path} (${reasonOf(error)}): name a file, not a folder, that can be read and written.`,
      {
        cause: error,
      },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, revive);
  } catch {
    return undefined;
  }
}

/** The checksum says that a version of ours wrote it, and the version, what it wrote. */
function isEnvelope(content: unknown): content is Envelope {
  return isOurs(content) && content.version === VERSION && sha256(toJson(content.snapshot)) === content.sha256;
}

function complaint(content: unknown): string {
  if (!isOurs(content)) return 'is not a state file of this emulator, or was cut short.';
  if (content.version === VERSION) return 'was damaged, or changed by hand.';
  return `was written by another version of this emulator (format ${String(content.version)}, not ${VERSION}).`;
}

function isOurs(content: unknown): content is Record<keyof Envelope, unknown> {
  return typeof content === 'object' && content !== null && 'format' in content && content.format === FORMAT;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key, json: unknown) {
    const original = this[key];
    return original instanceof Date ? { [DATE]: original.toISOString() } : json;
  });
}

function revive(_: string, value: unknown): unknown {
  const isDate = typeof value === 'object' && value !== null && DATE in value && typeof value[DATE] === 'string';
  return isDate ? new Date(String(value[DATE])) : value;
}

function sha256(text: string | undefined): string {
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex');
}

function reasonOf(error: unknown): string {
  return systemErrorCode(error) ?? String(error);
}
