import type { KeptRecord, KeptRecordQuery, RecordStore } from '../../store.js';

/** Documents in memory, newest first. */
export class KeptRecords implements RecordStore {
  private records: readonly KeptRecord[] = [];

  keep(record: KeptRecord, since: Date): Promise<void> {
    const { kind, id, at } = record;
    const isReplaced = (other: KeptRecord): boolean => other.id === id && other.at.getTime() === at.getTime();
    const others = this.records.filter((other) => other.kind !== kind || !(isReplaced(other) || other.at < since));
    this.records = [...others, record].sort(newestFirst);
    return Promise.resolve();
  }

  list({ kind, at, before, limit }: KeptRecordQuery): Promise<readonly KeptRecord[]> {
    const isMeant = (record: KeptRecord): boolean =>
      record.kind === kind && (!at || record.at.getTime() === at.getTime()) && (!before || record.at < before);
    return Promise.resolve(this.records.filter(isMeant).slice(0, limit));
  }
}

function newestFirst(a: KeptRecord, b: KeptRecord): number {
  return b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1);
}
