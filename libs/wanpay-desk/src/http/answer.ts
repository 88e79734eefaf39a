import {
  NothingToAcceptError,
  PaymentNotFoundError,
  PlatformError,
  UnknownMerchantError,
  WanPayError,
} from 'nestjs-wanpay';
import { HandlerInUseError } from 'nestjs-wanpay/ledger';
import { InvalidFieldError } from 'nestjs-wanpay/protocol';
import { DeskProblem } from '../errors.js';

/** What a person is told about an error of the module; undefined for one that they can do nothing about. */
export function problemOf(error: unknown): DeskProblem | undefined {
  if (error instanceof DeskProblem) return error;
  if (!(error instanceof WanPayError)) return undefined;
  const { message } = error;
  if (error instanceof PaymentNotFoundError) {
    return new DeskProblem(404, { chinese: '沒有這筆訂單。', english: 'There is no such order.' });
  }
  if (error instanceof NothingToAcceptError) {
    return new DeskProblem(409, { chinese: '沒有待認領的款項。', english: 'There is no unclaimed money.' });
  }
  if (error instanceof HandlerInUseError) {
    return new DeskProblem(409, {
      chinese: '仍有行程在執行這個程式，不能移除。',
      english: 'A process has this handler, so it can’t be retired.',
    });
  }
  if (error instanceof UnknownMerchantError) {
    return new DeskProblem(400, {
      chinese: '請指定商戶編號，或確認它是否正確。',
      english: 'Say which merchant is meant, or check its number.',
    });
  }
  if (error instanceof InvalidFieldError) {
    return new DeskProblem(400, {
      chinese: `填寫的內容不正確：${message}`,
      english: `What was filled in can’t be used: ${message}`,
    });
  }
  if (error instanceof PlatformError) {
    return new DeskProblem(502, {
      chinese: `平台沒有給出答案：${message}`,
      english: `The platform gave no answer: ${message}`,
    });
  }
  return undefined;
}
