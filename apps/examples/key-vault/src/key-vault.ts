import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';

/**
 * Reads keys from a folder in which a vault's agent keeps one file for each merchant, as HashiCorp Vault, the Secrets Store
 * driver of Kubernetes and others do. Put the client of your own vault in its place.
 */
@Injectable()
export class KeyVault {
  private readonly folder: string;

  constructor(config: ConfigService) {
    this.folder = config.getOrThrow<string>('KEY_FOLDER');
  }

  /** The merchant's keys, newest first; undefined when the vault has none. */
  async keysOf(merchantNo: string): Promise<readonly string[] | undefined> {
    try {
      // The file is read each time, so a rotated key is used at once. Cache for a minute what comes over a network.
      const text = await readFile(join(this.folder, merchantNo), 'utf8');
      return text.split('\n').filter((line) => line !== '');
    } catch (error) {
      // A vault that fails is not a vault without the key: the platform then repeats its notification.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
