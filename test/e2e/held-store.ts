import { MemoryStore, type OrderChange } from 'nestjs-wanpay/ledger';

/** A store whose commits the test holds back, or lets fail. */
export class HeldStore extends MemoryStore {
  commits: Promise<void> = Promise.resolve();

  override async commit(changes: readonly OrderChange[]): Promise<readonly boolean[]> {
    await this.commits;
    return super.commit(changes);
  }
}
