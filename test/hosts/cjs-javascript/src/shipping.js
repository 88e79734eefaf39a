const { Injectable } = require('@nestjs/common');
const { OnAtmEvent } = require('nestjs-wanpay');

class Shipping {
  paid = [];

  ship(event) {
    this.paid.push(event.orderNo);
  }
}
Injectable()(Shipping);
OnAtmEvent('atm.paid')(Shipping.prototype, 'ship', Object.getOwnPropertyDescriptor(Shipping.prototype, 'ship'));

module.exports = { Shipping };
