// A host on Nest 11 in ES modules.
import * as wanpay from 'nestjs-wanpay';
import * as protocol from 'nestjs-wanpay/protocol';
import * as desk from 'nestjs-wanpay-desk';
import * as emulator from 'wanpay-emulator';
import { placeAndPay } from './flow.cjs';

process.stdout.write(await placeAndPay(wanpay, protocol, emulator, desk));
