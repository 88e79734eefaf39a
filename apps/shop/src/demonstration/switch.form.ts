import { IsIn } from 'class-validator';
import { says } from '../pages/form-problems.js';

/** What the switch's form sends. */
export class SwitchForm {
  @IsIn(['on', 'off'], says('開關只有 on 與 off。', 'The switch is on or off.'))
  failure!: 'on' | 'off';
}
