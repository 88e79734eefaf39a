/** Which interface a code came from: 5223 means one thing in the reply to an order and another in the reply to a query. */
export type PlatformInterface = 'order' | 'query';

/** The class a code belongs to in the protocol's table (3.2.1). */
export type CodeClass = 'general' | 'order' | 'order-status';

/** One row of the protocol's table of codes (3.2.1). */
export interface PlatformCode {
  readonly code: string;
  readonly class: CodeClass;
  /** The interfaces that return it; absent where any may. */
  readonly interface?: PlatformInterface;
  readonly zh: string;
  readonly en: string;
  /** Whether the very same request can be answered otherwise later. */
  readonly retryable: boolean;
  /** Whether an order so answered may exist at the platform all the same; only a query tells. */
  readonly mayHaveActed: boolean;
}

/** The code of a request that the platform carried out. */
export const SUCCESS_CODE = '900';
/** The code of an order number that the platform has seen before. */
export const DUPLICATE_ORDER_CODE = '6307';
/** The code of a paid order. */
export const PAID_CODE = '0000';

/** The protocol's whole table of codes (3.2.1), in its order. */
export const PLATFORM_CODES: readonly PlatformCode[] = [
  row('900', 'general', '成功', 'Success', { mayHaveActed: true }),
  row('901', 'general', '驗證碼同步成功', 'Verification code synchronised', { mayHaveActed: true }),
  row('910', 'general', '參數錯誤', 'Bad parameter'),
  row(
    '911',
    'general',
    '該商戶無此許可權',
    'The merchant lacks this permission, or the source address is not registered',
  ),
  row('912', 'general', '驗證碼同步失敗', 'Verification code synchronisation failed', { retryable: true }),
  row('913', 'general', '商戶校驗失敗', 'Merchant check failed: wrong merchant number, key or timestamp'),
  row('931', 'general', '訂單不存在', 'No such order'),
  row('932', 'general', '交易處理中', 'Transaction in progress', { retryable: true, mayHaveActed: true }),
  row('991', 'general', '轉發異常', 'Forwarding error at the platform', { retryable: true, mayHaveActed: true }),
  row('992', 'general', '資料庫異常', 'Database error at the platform', { retryable: true, mayHaveActed: true }),
  row('993', 'general', '其它錯誤', 'Other error at the platform', { retryable: true, mayHaveActed: true }),
  row('999', 'general', '失敗', 'Failure at the platform', { retryable: true, mayHaveActed: true }),
  row('6307', 'order', '此訂單號已存在', 'This order number exists already', {
    interface: 'order',
    mayHaveActed: true,
  }),
  row('5223', 'order', '查詢結果集為空', 'Empty result set', {
    interface: 'order',
    retryable: true,
    mayHaveActed: true,
  }),
  row('5223', 'order-status', '此商戶訂單號不存在', 'This merchant order number does not exist', {
    interface: 'query',
  }),
  row('5801', 'order-status', '未支付', 'Not paid; query again', { interface: 'query', retryable: true }),
  row('5803', 'order-status', '已關閉', 'Closed', { interface: 'query' }),
  row('5804', 'order-status', '用戶支付中', 'The payer is paying', { interface: 'query', retryable: true }),
  row('0000', 'order-status', '支付成功', 'Paid', { interface: 'query' }),
  row('5805', 'order-status', '支付失敗', 'Payment failed', { interface: 'query' }),
];

/**
 * Looks a code up in the table (3.2.1), as the given interface means it.
 *
 * @returns undefined for a code that the protocol does not list
 */
export function describeCode(code: string, from: PlatformInterface): PlatformCode | undefined {
  return PLATFORM_CODES.find((row) => row.code === code && (row.interface === undefined || row.interface === from));
}

function row(
  code: string,
  codeClass: CodeClass,
  zh: string,
  en: string,
  traits: Partial<Pick<PlatformCode, 'interface' | 'retryable' | 'mayHaveActed'>> = {},
): PlatformCode {
  return { code, class: codeClass, zh, en, retryable: false, mayHaveActed: false, ...traits };
}
