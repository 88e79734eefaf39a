// A CommonJS host on Nest 11, without a build step.
const { placeAndPay } = require('./flow.cjs');

void placeAndPay(
  require('nestjs-wanpay'),
  require('nestjs-wanpay/protocol'),
  require('wanpay-emulator'),
  require('nestjs-wanpay-desk'),
).then((line) => process.stdout.write(line));
