"""An order may draw on several vouchers: one open hold on each, and totals by contract."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Fill the totals of orders that were charged with their one contract."""

    dependencies = [("store", "0008_ledger_pages")]
    operations = [
        migrations.RemoveConstraint(model_name="hold", name="hold_one_open_per_order"),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "OPEN")),
                fields=("programme", "order_id", "voucher"),
                name="hold_one_open_per_order_voucher",
            ),
        ),
        migrations.RemoveConstraint(model_name="ordertotal", name="order_total_order"),
        migrations.AddField(
            model_name="ordertotal",
            name="contract_id",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE order_total SET contract_id = (SELECT MIN(charge.contract_id) FROM charge "
            "WHERE charge.programme_id = order_total.programme_id "
            "AND charge.order_id = order_total.order_id)",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="ordertotal",
            constraint=models.UniqueConstraint(
                fields=("programme", "order_id", "contract_id"), name="order_total_of_contract"
            ),
        ),
    ]
