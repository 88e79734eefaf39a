import { Body, Controller, Get, HttpStatus, Inject, Param, Post, Query, Redirect } from '@nestjs/common';
import type { Clock } from 'nestjs-wanpay';
import { createOrderNo } from 'nestjs-wanpay/protocol';
import { Catalogue, type Item } from '../catalogue/catalogue.js';
import { Problem } from '../pages/problem.js';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { CLOCK } from '../shop-clock.module.js';
import { Checkout } from './checkout.js';
import { CheckoutForm, readQuantity } from './checkout.form.js';
import { checkoutPage } from './checkout.page.js';
import { toCustomerProblem } from './problems.js';

/** Where an item is ordered. */
@Controller('checkout/:itemId')
export class CheckoutController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly checkout: Checkout,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  show(
    @Param('itemId') itemId: string,
    @Query('quantity') quantity: unknown,
    @RequestLanguage() language: Language,
  ): string {
    const orderNo = createOrderNo(this.clock.now());
    return checkoutPage({ item: this.itemOrNotFound(itemId), orderNo, quantity: readQuantity(quantity) }, language);
  }

  @Post()
  @Redirect()
  async order(
    @Param('itemId') itemId: string,
    @Body() form: CheckoutForm,
  ): Promise<{ url: string; statusCode: number }> {
    const item = this.itemOrNotFound(itemId);
    const { orderNo, quantity, recipient } = form;
    const order = { orderNo, item, quantity, recipient };
    try {
      await this.checkout.placeOrder(order);
    } catch (error) {
      throw toCustomerProblem(error, order);
    }
    return { url: `/orders/${orderNo}`, statusCode: 303 };
  }

  private itemOrNotFound(itemId: string): Item {
    const item = this.catalogue.find(itemId);
    if (item) return item;
    throw new Problem(HttpStatus.NOT_FOUND, [{ chinese: '沒有這項商品。', english: 'There is no such item.' }]);
  }
}
