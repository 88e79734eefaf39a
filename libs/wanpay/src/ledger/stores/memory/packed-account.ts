import type { VirtualAccount } from '../../../protocol/index.js';
import { toDate, toMoment } from './moments.js';

const MOST_BANKS = 1000;

/** What the accounts of one branch have in common. */
class Branch {
  readonly bankCode: string;
  readonly bankName: string;
  readonly branchCode: string;
  readonly branchName: string;
  readonly holder: string;

  constructor({ bankCode, bankName, branchCode, branchName, holder }: VirtualAccount) {
    this.bankCode = bankCode;
    this.bankName = bankName;
    this.branchCode = branchCode;
    this.branchName = branchName;
    this.holder = holder;
  }

  isOf({ bankCode, bankName, branchCode, branchName, holder }: VirtualAccount): boolean {
    return (
      bankCode === this.bankCode &&
      bankName === this.bankName &&
      branchCode === this.branchCode &&
      branchName === this.branchName &&
      holder === this.holder
    );
  }
}

/** The branches that issued accounts, by their codes. */
const branches = new Map<string, Branch>();

function branchOf(account: VirtualAccount): Branch {
  const codes = `${account.bankCode} ${account.branchCode}`;
  const known = branches.get(codes);
  if (known?.isOf(account)) return known;
  const branch = new Branch(account);
  if (branches.size >= MOST_BANKS) branches.clear();
  branches.set(codes, branch);
  return branch;
}

/** A virtual account as the store in memory keeps it. */
export class PackedAccount {
  readonly number: string;
  private readonly branch: Branch;
  private readonly expiresAt: number;
  private readonly expiresAtEstimated: boolean | undefined;

  constructor(account: VirtualAccount) {
    this.number = account.number;
    this.branch = branchOf(account);
    this.expiresAt = toMoment(account.expiresAt);
    this.expiresAtEstimated = account.expiresAtEstimated;
  }

  unpack(): VirtualAccount {
    const { bankCode, bankName, branchCode, branchName, holder } = this.branch;
    const expiresAt = toDate(this.expiresAt);
    const account = { number: this.number, bankCode, bankName, branchCode, branchName, holder, expiresAt };
    const { expiresAtEstimated } = this;
    return expiresAtEstimated === undefined ? account : Object.assign(account, { expiresAtEstimated });
  }
}
