import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A parcel that has to be sent. Nothing makes the order number unique, so a handler that ran twice would be seen. */
@Entity('parcels')
export class Parcel {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text', { name: 'order_no' })
  orderNo!: string;
}
