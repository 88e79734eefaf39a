import { describe, expect, it } from '@jest/globals';
import { Progress } from './progress.js';

class Stream {
  written = '';

  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.written += text;
  }
}

describe('progress', () => {
  it('replaces one line of a terminal, and takes it away', () => {
    const terminal = new Stream(true);
    const progress = new Progress(terminal);
    progress.show('1 of 2');
    progress.show('2 of 2');
    progress.clear();
    expect(terminal.written).toBe('\r\u001B[K1 of 2\r\u001B[K2 of 2\r\u001B[K');
  });

  it('says nothing into a file or a pipe', () => {
    const pipe = new Stream(false);
    const progress = new Progress(pipe);
    progress.show('1 of 2');
    progress.clear();
    expect(pipe.written).toBe('');
  });
});
