"""A small programme year that deducts, around a day, and the batches that its provider sends."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.formats.checkpoint import fingerprint
from evernormal.formats.usage_batch import BatchReading, UsageBatch, encode, new_id, sign
from tests.formats.broken_folder import BUYER, SELLER

SCHEMES = Path(__file__).parents[2] / "schemes"
PROGRAMME_ID = "live-1"
KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n, name in enumerate("abc")}
OTHER_SELLER = "91520111MA2599009F"
HOUR = 3_600

PROGRAMME = """\
id = "live-1"
scheme = "scheme.toml"
year = {opens_on.year}
pot = "1000000.00"
unit = "CNY"
timezone = "Asia/Shanghai"
opens_on = {opens_on}
closes_on = {closes_on}

[office]
name = "示例办公室"
uscc = "91350100M000100Y43"
bank_name = "示例银行营业部"
bank_code = "102100000017"
bank_account = "6222000100020003"
prepares = "陈予安"
approves = "顾明川"

[controls]
meter = "LIMIT"

[[payment_day]]
approved_on = {closes_on}
execute_on = {closes_on}

[[agent]]
provider = "P1"
public_key = "{keys[a]}"
device_classes = {{ a100 = "A100-80G", h100 = "H100-80G" }}

[[agent]]
provider = "P2"
public_key = "{keys[b]}"
device_classes = {{ "Tesla A100" = "A100-80G" }}
"""
APPLICANTS = f"""\
applicant_id,name,uscc,type,size,founded_on,place,owners,last_dishonesty_on,bank_name,bank_code,bank_account
A1,贵州甲乙科技有限公司,{BUYER},ENTERPRISE,SMALL,2020-01-02,520110,person:a1,,示例银行一支行,102100000018,6222000100020004
"""
PROVIDERS = f"""\
provider_id,name,uscc,registered,place,owners,bank_name,bank_code,bank_account
P1,贵州丙丁算力有限公司,{SELLER},yes,520107,person:p1,示例银行二支行,102100000019,6222000100020005
P2,贵州戊己算力有限公司,{OTHER_SELLER},yes,520107,person:p2,示例银行三支行,102100000019,6222000100020006
"""
CONTRACTS = """\
contract_id,applicant_id,provider_id,signed_on,starts_on,ends_on,compute_yuan,use,other_support,applied_on,meter_account
C1,A1,P1,{applied_on},{starts_on},{ends_on},1000.00,TRAINING,no,{applied_on},jiayi
C2,A1,P1,{applied_on},{starts_on},{ends_on},20000.00,TRAINING,no,{applied_on},jiayi-2
C3,A1,P2,{applied_on},{starts_on},{ends_on},9000.00,TRAINING,no,{tomorrow},jiayi-3
"""
ORDERS = """\
order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,ends_on
O1,C1,A100-80G,8,8,100,{starts_on},{ends_on}
O2,C2,A100-80G,8,8,1000,{starts_on},{ends_on}
O3,C2,H100-80G,8,8,100,{yesterday},{tomorrow}
O4,C3,A100-80G,8,8,100,{starts_on},{ends_on}
"""
CAPACITY = """\
provider_id,device_class,cards
P1,A100-80G,64
P1,H100-80G,64
P2,A100-80G,64
"""
PRICES = """\
provider_id,device_class,starts_on,ends_on,price_yuan_per_card_hour
P1,A100-80G,2020-01-01,,10.00
P1,H100-80G,2020-01-01,,20.00
P2,A100-80G,2020-01-01,,10.00
"""
INVOICES = """\
invoice_number,line,contract_id,category,amount_yuan,seller_uscc,buyer_uscc,issued_on,period_starts_on,period_ends_on,status,claimed_on
"""
PAYMENTS = "payment_id,invoice_number,payer_uscc,payee_uscc,amount_yuan,paid_on\n"


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a year around one."""

    today: date

    def back(self, days: int) -> date:
        return self.today - timedelta(days)

    def texts(self) -> dict[str, date]:
        return {
            "opens_on": self.back(40),
            "applied_on": self.back(39),
            "starts_on": self.back(30),
            "yesterday": self.back(1),
            "tomorrow": self.back(-1),
            "ends_on": self.back(-30),
            "closes_on": self.back(-40),
        }


def public_text(key: Ed25519PrivateKey) -> str:
    return b64encode(raw_key(key)).decode()


def raw_key(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def year_files(today: date) -> dict[str, bytes]:
    """Give the files of a year in whose middle a day lies."""
    days = Days(today).texts()
    scheme = (SCHEMES / "cn/guizhou/2026/scheme.toml").read_text(encoding="utf-8")
    keys = {name: public_text(key) for name, key in KEYS.items()}
    texts = {
        "programme.toml": PROGRAMME.format(keys=keys, **days),
        "scheme.toml": scheme.replace("date = 2026-03-19", f"date = {days['opens_on']}"),
        "applicants.csv": APPLICANTS,
        "providers.csv": PROVIDERS,
        "contracts.csv": CONTRACTS.format(**days),
        "orders.csv": ORDERS.format(**days),
        "capacity.csv": CAPACITY,
        "prices.csv": PRICES,
        "invoices.csv": INVOICES,
        "payments.csv": PAYMENTS,
    }
    return {name: text.encode() for name, text in texts.items()}


def write_year(folder: Path, today: date) -> Path:
    """Write the folder of such a year."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in year_files(today).items():
        (folder / name).write_bytes(data)
    return folder


def reading(job: str, *, until: datetime, hours: int = 1, **other: object) -> BatchReading:
    """Give a final reading of use that ended at an instant."""
    ends_at = int(until.timestamp())
    whole = BatchReading(
        account="jiayi-2",
        card_type="a100",
        cards=8,
        cluster="c1",
        ends_at=ends_at,
        is_final=True,
        job=job,
        revision=0,
        starts_at=ends_at - hours * HOUR,
        state="COMPLETED",
    )
    values = {name: getattr(whole, name) for name in whole.__struct_fields__}
    return BatchReading(**(values | other))


def body_of(
    *readings: BatchReading, made_at: datetime, provider_id: str = "P1", salt: str = ""
) -> bytes:
    """Write a batch."""
    made_at = made_at.astimezone(UTC).replace(microsecond=0)
    content = f"{provider_id}{salt}{readings}".encode()
    batch = UsageBatch(
        id=new_id(made_at_ms=int(made_at.timestamp() * 1000), content=content),
        provider_id=provider_id,
        made_at=made_at,
        readings=tuple(readings),
    )
    return encode(batch)


def signed(body: bytes, *, key: str = "a") -> dict[str, str]:
    """Give the headers that sign a body."""
    return sign(body, key=KEYS[key])


def key_of(name: str) -> str:
    """Give the fingerprint of a key."""
    return fingerprint(raw_key(KEYS[name]))
