"""The columns of the registers of what came in while the year ran."""

from evernormal.formats.intake.kinds import ID, TEXT
from evernormal.formats.intake.kinds_key import SIGNATURE
from evernormal.formats.intake.kinds_time import INSTANT
from evernormal.formats.intake.table import Column, Table

RECEIVED = Table(
    file="usage/received.csv",
    en="Batches that agents sent while the year ran; `evernormal serve` writes it.",
    zh="项目运行期间各数据中心代理程序报送的批次，由 `evernormal serve` 写入。",
    key=("file",),
    is_required=False,
    columns=(
        Column("file", TEXT, "the batch: usage/received/PROVIDER/BATCH.json", "批次文件"),
        Column("provider_id", ID, "who sent it, from providers.csv", "供给方编号"),
        Column(
            "received_at", INSTANT, "when it was received; each later than the last", "收到时刻"
        ),
        Column("key", TEXT, "fingerprint of the [[agent]] key that signed it", "签名公钥指纹"),
        Column("signature", SIGNATURE, "signature of the file's bytes", "文件签名"),
    ),
)

RECEIVED_ORDERS = Table(
    file="orders/received.csv",
    en="Orders that applicants sent while the year ran; `evernormal serve` writes it.",
    zh="项目运行期间各申请单位提交的订单，由 `evernormal serve` 写入。",
    key=("file",),
    is_required=False,
    columns=(
        Column("file", TEXT, "the order: orders/received/APPLICANT/ORDER.json", "订单文件"),
        Column("applicant_id", ID, "who sent it, from applicants.csv", "申请单位编号"),
        Column(
            "received_at", INSTANT, "when it was received; each later than the last", "收到时刻"
        ),
        Column("key", TEXT, "fingerprint of the [[buyer]] key that signed it", "签名公钥指纹"),
        Column("signature", SIGNATURE, "signature of the file's bytes", "文件签名"),
    ),
)
