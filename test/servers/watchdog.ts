import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Reads until our end of the pipe is closed, which the system does however we end; then `$0` is the server, `$1` its folder. */
const SCRIPT =
  'cat >/dev/null; kill -QUIT "$0" 2>/dev/null; while kill -0 "$0" 2>/dev/null; do sleep 0.1; done; rm -rf "$1"';

/**
 * Ends a server and removes its folder when this process ends without having done so, even if it is killed. Jest gives
 * specs a `process` whose `exit` event never comes, so that a listener would not do.
 */
export class Watchdog {
  private readonly guard: ChildProcess;

  /** @param pid the server; undefined while there is only its folder to remove */
  constructor(pid: number | undefined, folder: string) {
    this.guard = spawn('sh', ['-c', SCRIPT, String(pid ?? 'none'), folder], {
      // A session of its own, so that Ctrl-C in the terminal doesn't end it before its work is done.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
    });
    this.guard.unref();
    // Neither the guard nor our end of its pipe, which is a socket, keeps this process alive.
    const { stdin } = this.guard;
    if (stdin instanceof Socket) stdin.unref();
  }

  /** Call it once the server has ended. */
  dismiss(): void {
    const { pid } = this.guard;
    // The whole session: the shell, and the cat that it waits for.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}
