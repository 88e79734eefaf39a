const { Controller, Param, Post } = require('@nestjs/common');
const { InjectWanPay } = require('nestjs-wanpay');

class CheckoutController {
  constructor(wanpay) {
    this.wanpay = wanpay;
  }

  async checkout(orderNo) {
    const { account, amount } = await this.wanpay.createPayment({ orderNo, amount: 1280 });
    return { payTo: `${account.bankCode}-${account.number}`, amount };
  }
}
Controller('checkout')(CheckoutController);
InjectWanPay()(CheckoutController, undefined, 0);
Param('orderNo')(CheckoutController.prototype, 'checkout', 0);
Post(':orderNo')(
  CheckoutController.prototype,
  'checkout',
  Object.getOwnPropertyDescriptor(CheckoutController.prototype, 'checkout'),
);

module.exports = { CheckoutController };
