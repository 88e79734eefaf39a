export {
  type AmountUnit,
  assertAmount,
  fromCents,
  isAmount,
  matchAmount,
  MAX_AMOUNT,
  MIN_AMOUNT,
  readAmounts,
  toCents,
} from './amount.js';
export { type Cancel, type Clock, systemClock, type Timers } from './clock.js';
export {
  type CodeClass,
  describeCode,
  DUPLICATE_ORDER_CODE,
  PAID_CODE,
  PLATFORM_CODES,
  type PlatformCode,
  type PlatformInterface,
  SUCCESS_CODE,
} from './codes.js';
export { InvalidFieldError, MalformedMessageError, WanPayError } from './errors.js';
export { type Fields, readFields } from './fields.js';
export { isKey, MAX_KEY_LENGTH } from './key.js';
export { createNonce, type RandomSource } from './nonce.js';
export {
  type Notification,
  NOTIFICATION_ACKNOWLEDGEMENT,
  readNotification,
  signNotification,
  withoutForeignFields,
} from './notification.js';
export {
  assertMerchantNo,
  assertOrderNo,
  assertOrderRequest,
  createOrderNo,
  MAX_VALID_DAYS,
  type OrderRequest,
  readVirtualAccount,
  type VirtualAccount,
  writeOrder,
} from './order.js';
export { type Outcome, outcomeStatus, type OutcomeStatus, type Payer } from './outcome.js';
export { type QueryAnswer, readQueryAnswer, writeQuery } from './query.js';
export { isReplyTrusted, readReply, type Reply } from './reply.js';
export { sign, signingString, verify } from './signature.js';
export { assertAddress, assertPlainText, assertText, isPlainAddress } from './text.js';
export { cleanWords, MAX_WORDS } from './words.js';
export {
  expiryAfter,
  formatTaipei,
  formatTaipeiDate,
  isTimely,
  parseExpiry,
  parseTaipei,
  parseTimestamp,
  TIMESTAMP_VALIDITY_SECONDS,
  toTimestamp,
} from './time.js';
