import {
  MalformedReplyError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
} from '../../platform/errors.js';
import type { CommandSettings } from '../platform.js';
import { withoutCredentials } from './address.js';
import { clockSkew, isInvalidating } from './clock.js';
import { explainConnection } from './connection-trouble.js';
import { type Finding, reporter } from './finding.js';
import { type PlatformProbe, proxyOf } from './platform-probe.js';

const platform = reporter('platform');
const credentials = reporter('credentials');
const egress = reporter('egress');

const BAD_PARAMETER = '910';
const NO_PERMISSION = '911';
const MERCHANT_CHECK_FAILED = '913';
const PROXY_AUTHENTICATION = 407;

/** What the platform's answer says of the platform, of the merchant number and key, and of the address we come from. */
export function judgePlatform(probe: PlatformProbe, settings: CommandSettings): readonly Finding[] {
  const { answer } = probe;
  if (answer.kind === 'answered') {
    return [
      platform.ok(`${withoutCredentials(settings.baseUrl)} answers.`),
      credentials.ok(`The platform accepts merchant ${settings.defaultMerchantNo} and its key.`),
      egress.ok(`The platform accepts requests from here. ${describeEgress(probe, settings)}`),
    ];
  }
  const { error } = answer;
  if (error instanceof PlatformRefusedError) return judgeRefusal(error, probe, settings);
  if (error instanceof ReplySignatureError) {
    const advice = 'Look at WANPAY_KEY, and whether WANPAY_BASE_URL is the platform’s own address.';
    return [
      platform.ok(`${withoutCredentials(settings.baseUrl)} answers.`),
      credentials.failure('bad_reply_signature', 'The platform signs its replies with another key.', advice),
      unknownEgress(),
    ];
  }
  return [describeSilence(error, probe, settings), unknownCredentials(), unknownEgress()];
}

function judgeRefusal(
  error: PlatformRefusedError,
  probe: PlatformProbe,
  settings: CommandSettings,
): readonly Finding[] {
  const answers = platform.ok(`${withoutCredentials(settings.baseUrl)} answers.`);
  switch (error.platformCode) {
    case MERCHANT_CHECK_FAILED:
      return [
        answers,
        credentials.failure(
          'wrong_key',
          `The platform refuses merchant ${settings.defaultMerchantNo} or its key (913).`,
          'Compare WANPAY_MERCHANT_NO and WANPAY_KEY with what the platform gave you: each belongs to the other.',
        ),
        unknownEgress(),
      ];
    case NO_PERMISSION:
      return [
        answers,
        unknownCredentials(),
        egress.failure(
          'not_registered',
          `The platform refuses requests from here (911): the address is not registered. ${describeEgress(probe, settings)}`,
          'Register the address that the platform sees, or use a proxy that is registered (WANPAY_PROXY).',
        ),
      ];
    case BAD_PARAMETER:
      return [describeBadParameter(probe), unknownCredentials(), unknownEgress()];
    default:
      return [
        platform.failure('refused', error.message, 'If it goes on, ask the vendor, with the code and the time.'),
        unknownCredentials(),
        unknownEgress(),
      ];
  }
}

function describeBadParameter(probe: PlatformProbe): Finding {
  if (isInvalidating(clockSkew(probe))) {
    const advice = 'Correct the clock first, then run this again.';
    return platform.failure(
      'expired',
      'The platform refuses our timestamp (910): this machine’s clock is off.',
      advice,
    );
  }
  return platform.failure(
    'bad_parameter',
    'The platform refuses a parameter (910), though this machine’s clock agrees with its Date: its own clock, or ' +
      'the form of the merchant number.',
    'Compare WANPAY_MERCHANT_NO with what the platform gave you. An emulator whose clock was moved answers so, too.',
  );
}

function describeSilence(error: unknown, { response }: PlatformProbe, settings: CommandSettings): Finding {
  const baseUrl = withoutCredentials(settings.baseUrl);
  if (response?.status === PROXY_AUTHENTICATION) {
    const advice = 'Put user and password into WANPAY_PROXY: http://user:password@host:port.';
    return platform.failure('proxy_authentication', 'The proxy asks for a user and a password (HTTP 407).', advice);
  }
  if (error instanceof PlatformUnreachableError && error.stage === 'proxy') return describeProxy(error, baseUrl);
  if (response) {
    const what = error instanceof MalformedReplyError ? 'it is not the platform' : 'the platform has a failure';
    return platform.failure(
      'not_the_platform',
      `${baseUrl} answers HTTP ${response.status} without a reply of the protocol: ${what}.`,
      'Look at WANPAY_BASE_URL: it ends with /wxzfservice at the platform and at the emulator.',
    );
  }
  const { code, words, advice } = explainConnection(error);
  const proxy = error instanceof PlatformUnreachableError ? error.proxy : proxyOf(settings)?.name;
  const who = proxy ? `${baseUrl}, through the proxy ${proxy},` : baseUrl;
  return platform.failure(code, `${who} can't be reached: ${words}.`, advice);
}

/** The proxy fails or refuses, not the platform. */
function describeProxy(error: PlatformUnreachableError, baseUrl: string): Finding {
  const { proxy, proxyStatus } = error;
  const name = proxy ? `The proxy ${proxy}` : 'The proxy';
  if (proxyStatus !== undefined) {
    return platform.failure(
      'proxy_refused',
      `${name} answers HTTP ${proxyStatus} and opens no tunnel to ${baseUrl}.`,
      proxyStatus < 500
        ? 'Allow the platform’s host and port in the proxy.'
        : 'Look at the proxy’s log: it can’t reach the platform itself.',
    );
  }
  if (proxy === undefined)
    return platform.failure('proxy_misconfigured', error.message, 'Correct or unset the variable.');
  const { words, advice } = explainConnection(error);
  return platform.failure('proxy_unreachable', `${name} can’t be used: ${words}.`, advice);
}

function describeEgress({ localAddress }: PlatformProbe, settings: CommandSettings): string {
  const proxy = proxyOf(settings);
  if (proxy) return `They leave through the proxy ${proxy.name}, and the platform sees the proxy’s address.`;
  if (localAddress === undefined) return 'The address that they leave from is not known.';
  return `They leave this machine from ${localAddress}; behind NAT the platform sees the router’s address.`;
}

function unknownCredentials(): Finding {
  return credentials.skipped('The merchant number and key were not checked: the platform did not get that far.');
}

function unknownEgress(): Finding {
  return egress.skipped('It is not known whether the platform accepts our address: it did not say.');
}
