"""A small sound folder of a programme year, and one with the mistakes that offices make.

`broken_folder` has more than thirty of them at once; `MISTAKES` says where each must be found.
"""

SELLER, BUYER = "91350100M000100Y43", "91110108MA00ABCD32"

PROGRAMME = """\
id = "test-2025"
scheme = "cn/beijing/2023"
year = 2025
pot = "1000000.00"
unit = "CNY"
timezone = "Asia/Shanghai"
opens_on = 2025-01-01
closes_on = 2025-12-31

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
approved_on = 2025-06-10
execute_on = 2025-06-11

[[usage]]
file = "usage/2025.csv"
format = "csv"
provider = "P1"
received_at = 2025-06-01T09:00:00+08:00
"""
APPLICANTS = f"""\
applicant_id,name,uscc,type,size,founded_on,place,owners,last_dishonesty_on,bank_name,bank_code,bank_account
A1,北京甲乙科技有限公司,{BUYER},ENTERPRISE,SMALL,2020-01-02,110108,person:a1,,示例银行一支行,102100000018,6222000100020004
"""
PROVIDERS = f"""\
provider_id,name,uscc,registered,place,owners,bank_name,bank_code,bank_account
P1,北京丙丁算力有限公司,{SELLER},yes,110107,person:p1,示例银行二支行,102100000019,6222000100020005
"""
CONTRACT_COLUMNS = (
    "contract_id,applicant_id,provider_id,signed_on,starts_on,ends_on,compute_yuan,"
    "use,other_support,applied_on,meter_account"
)
CONTRACTS = f"""\
{CONTRACT_COLUMNS}
C1,A1,P1,2025-01-05,2025-01-10,2025-12-31,120000.00,TRAINING,no,2025-01-12,jiayi
"""
INVOICE_COLUMNS = (
    "invoice_number,line,contract_id,category,amount_yuan,seller_uscc,buyer_uscc,issued_on,"
    "period_starts_on,period_ends_on,status,claimed_on"
)
INVOICES = f"""\
{INVOICE_COLUMNS}
25112000000000000001,1,C1,COMPUTE,10000.00,{SELLER},{BUYER},2025-01-12,2025-01-10,2025-05-31,NORMAL,2025-06-02
"""
PAYMENTS = f"""\
payment_id,invoice_number,payer_uscc,payee_uscc,amount_yuan,paid_on
PAY1,25112000000000000001,{BUYER},{SELLER},10000.00,2025-06-01
"""
PRICES = """\
provider_id,device_class,starts_on,ends_on,price_yuan_per_card_hour
P1,A100-80G,2025-01-01,,9.00
"""
USAGE = """\
cluster,job,account,device_class,cards,starts_at,ends_at,state,final
c,1,jiayi,A100-80G,8,2025-02-01T00:00:00+08:00,2025-02-03T00:00:00+08:00,COMPLETED,yes
"""
ORDERS = """\
order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,ends_on
O1,C1,A100-80G,8,8,400,2025-02-01,2025-02-28
"""
CAPACITY = """\
provider_id,device_class,cards
P1,A100-80G,64
"""


def sound_folder() -> dict[str, bytes]:
    """Give a folder without any mistake."""
    texts = {
        "programme.toml": PROGRAMME,
        "applicants.csv": APPLICANTS,
        "providers.csv": PROVIDERS,
        "contracts.csv": CONTRACTS,
        "invoices.csv": INVOICES,
        "payments.csv": PAYMENTS,
        "prices.csv": PRICES,
        "usage/2025.csv": USAGE,
        "orders.csv": ORDERS,
        "capacity.csv": CAPACITY,
    }
    return {name: text.encode() for name, text in texts.items()}


def broken_contracts() -> bytes:
    """Give contracts.csv with every way of writing a day or an amount but the right one."""
    rows = [
        CONTRACT_COLUMNS,
        "C1,A1,P1,2025-01-05,2025-01-10,2025-12-31,120000.00,TRAINING,no,2025-01-12,jiayi",
        'C2,A1,P1,2025-02-30,2025-02-10,2025-12-31,"1,200,000",TRAINING,no,2025-02-12,jiayi-2',
        "C3,A9,P1,2025/3/1,2025-03-10,2025-12-31,-5000.00,TRAINING,no,2025-03-12,jiayi-3",
        "C4,A1,P1,20250401,2025-04-10,2025-04-01,￥5000,TRAINING,no,2025-04-12,jiayi",
        "C5,A1,P1,45748,2025-05-10,2025-12-31,100.005,PLAYING,maybe,2026-05-12,",
        "C1,A1,P1,2025-06-05,2025-06-10,2025-12-31,120万,TRAINING,no,2025-06-01,jiayi-6",
        "C7,A1,P7,2025-06-05,2025-06-10,2025-12-31,1200,TRAINING,no",
        "C8, A1,P1,2025-06-05,2025-06-10,2025-12-31,1.2E+06,TRAINING,no,2025-06-07,jiayi-8",
    ]
    return "\n".join(rows).encode() + b"\n"


def broken_invoices() -> bytes:
    """Give invoices.csv with a line twice, and a number on two contracts."""
    number = "25112000000000000002"
    line = f"C1,COMPUTE,100.00,{SELLER},{BUYER},2025-06-01,2025-01-10,2025-05-31,NORMAL,2025-06-02"
    rows = [
        INVOICE_COLUMNS,
        f"{number},1,{line}",
        f"{number},1,{line}",
        f"{number},2,{line.replace('C1', 'C2', 1)}",
        f"2511200000000000000,1,{line.replace('100.00', '0.00')}",
        f"25112000000000000003,1,{line.replace('COMPUTE', 'COMPUTING')}",
        f"25112000000000000004,1,{line.replace('2025-06-02', '2025-05-30')}",
    ]
    return "\n".join(rows).encode() + b"\n"


def broken_market() -> dict[str, bytes]:
    """Give prices, orders and readings that do not hold together."""
    held = "jiayi,A100-80G,8"
    return {
        "prices.csv": (
            PRICES
            + "P1,A100-80G,2025-03-01,2025-02-01,8.00\n"
            + 'P1,"H100"80G",2025-03-01,,8.00\n'
            + "P1,L20,2025-01-01,,\n"
        ).encode(),
        "orders.csv": (
            ORDERS + "O2,C1,L40,6,4,400,2024-12-01,2025-02-28\n"
            "O3,C1,A100-80G,8,8,100,2025-02-20,2025-03-10\n"
        ).encode(),
        "usage/2025.csv": (
            USAGE
            + f"c,2,{held},2025-02-01T00:00:00,2025-02-03T00:00:00+08:00,COMPLETED,yes\n"
            + f"c,3,{held},2025-02-05T00:00:00+08:00,2025-02-03T00:00:00+08:00,FAILED,yes\n"
            + f"c,1,{held}6,2025-02-01T00:00:00+08:00,2025-02-03T00:00:00+08:00,COMPLETED,yes\n"
            + f"c,4,{held},2025-06-01T00:00:00+08:00,2025-06-03T00:00:00+08:00,COMPLETED,yes\n"
            + f"c,1,{held},2025-02-02T00:00:00+08:00,2025-02-04T00:00:00+08:00,COMPLETED,yes\n"
        ).encode(),
        "usage/2024.csv": USAGE.splitlines(keepends=True)[0].encode(),
    }


def broken_programme() -> bytes:
    """Give programme.toml with one officer written in two ways, and days outside the year."""
    text = (
        PROGRAMME.replace("顾明川", "\u3000陈 予安")
        .replace("execute_on = 2025-06-11", "execute_on = 2025-06-01")
        .replace('pot = "1000000.00"', "pot = 1000000.5")
        .replace("[controls]", "[controls]\nmetre = true")
        .replace("102100000017", "10210000001")
    )
    _, _, usage = PROGRAMME.partition("[[usage]]")
    early = usage.replace("usage/2025", "usage/2024").replace("2025-06-01T09", "2024-12-31T09")
    late = "[[payment_day]]\napproved_on = 2026-01-01\nexecute_on = 2026-01-02\n"
    return f"{text}\n{late}\n[[usage]]{early}".encode()


def broken_folder() -> dict[str, bytes]:
    """Give a folder in which nearly everything is wrong at once."""
    return {
        **sound_folder(),
        **broken_market(),
        "programme.toml": broken_programme(),
        # GBK, as an older spreadsheet saves it; one digit of the code is wrong; a second row for
        # the same firm.
        "applicants.csv": (
            APPLICANTS.replace(BUYER, BUYER[:-1] + "8")
            + APPLICANTS.splitlines()[1].replace("A1", "A2").replace("6222000100020004", "6.2E+18")
            + "\n"
        ).encode("gb18030"),
        # With a byte order mark and CRLF, which are no mistakes; the letter O for a zero is one,
        # and so is the same account for another firm.
        "providers.csv": b"\xef\xbb\xbf"
        + (
            PROVIDERS.replace(SELLER, SELLER.replace("91350100M0", "91350100MO"))
            + PROVIDERS.splitlines()[1].replace("P1", "P2").replace(SELLER, BUYER)
            + "\n"
        )
        .replace("\n", "\r\n")
        .encode(),
        "contracts.csv": broken_contracts(),
        "invoices.csv": broken_invoices(),
        "payments.csv": (
            PAYMENTS.replace("amount_yuan", "amount")
            .replace("paid_on", "paid_on,paid_on")
            .replace("2025-06-01", "2025-06-01,2025-06-01")
            + f"PAY2,25112000000000000003,{BUYER},{SELLER},100.00,2025-01-04,2025-01-04\n"
        ).encode(),
        "contract.csv": b"left over\n",
    }


# (file, line, column, code) of every problem of `broken_folder`, in order.
MISTAKES = [
    ("applicants.csv", 2, None, "text.encoding"),
    ("applicants.csv", 2, "uscc", "uscc.wrong"),
    ("applicants.csv", 3, "bank_account", "account.form"),
    ("contract.csv", None, None, "file.unknown"),
    ("contracts.csv", 3, "compute_yuan", "money.thousands"),
    ("contracts.csv", 3, "signed_on", "date.impossible"),
    ("contracts.csv", 4, "applicant_id", "reference.unknown"),
    ("contracts.csv", 4, "compute_yuan", "money.negative"),
    ("contracts.csv", 4, "signed_on", "date.form"),
    ("contracts.csv", 5, "compute_yuan", "money.currency_sign"),
    ("contracts.csv", 5, "ends_on", "contract.ends_before_start"),
    ("contracts.csv", 5, "meter_account", "contract.shared_meter_account"),
    ("contracts.csv", 5, "signed_on", "date.form"),
    ("contracts.csv", 6, "applied_on", "day.outside_programme"),
    ("contracts.csv", 6, "compute_yuan", "money.decimals"),
    ("contracts.csv", 6, "meter_account", "contract.no_meter_account"),
    ("contracts.csv", 6, "other_support", "choice.unknown"),
    ("contracts.csv", 6, "signed_on", "date.serial"),
    ("contracts.csv", 6, "use", "choice.unknown"),
    ("contracts.csv", 7, "applied_on", "contract.applied_before_signed"),
    ("contracts.csv", 7, "compute_yuan", "money.ten_thousands"),
    ("contracts.csv", 7, "contract_id", "row.repeated"),
    ("contracts.csv", 8, None, "csv.field_count"),
    ("contracts.csv", 9, "applicant_id", "cell.spaces"),
    ("contracts.csv", 9, "compute_yuan", "money.scientific"),
    ("invoices.csv", 3, "line", "row.repeated"),
    ("invoices.csv", 4, "contract_id", "invoice.two_contracts"),
    ("invoices.csv", 5, "amount_yuan", "money.zero"),
    ("invoices.csv", 5, "invoice_number", "invoice.number_form"),
    ("invoices.csv", 6, "category", "choice.unknown"),
    ("invoices.csv", 7, "claimed_on", "invoice.claimed_before_issued"),
    ("orders.csv", 3, "cards", "order.part_of_a_gang"),
    ("orders.csv", 3, "device_class", "order.no_capacity"),
    ("orders.csv", 3, "starts_on", "order.outside_term"),
    ("orders.csv", 4, "starts_on", "order.overlap"),
    ("payments.csv", 1, "amount", "column.unknown"),
    ("payments.csv", 1, "paid_on", "column.repeated"),
    ("payments.csv", 2, "invoice_number", "reference.unknown"),
    ("payments.csv", 3, "paid_on", "payment.before_contract"),
    ("prices.csv", 3, "ends_on", "price.ends_before_start"),
    ("prices.csv", 4, None, "csv.quoting"),
    ("prices.csv", 5, "price_yuan_per_card_hour", "cell.blank"),
    ("programme.toml", 4, "pot", "key.type"),
    ("programme.toml", 14, "office.bank_code", "bank_code.form"),
    ("programme.toml", 17, "office.approves", "office.same_officer"),
    ("programme.toml", 20, "controls.metre", "key.unknown"),
    ("programme.toml", 25, "payment_day[1].execute_on", "payment_day.executes_before_approval"),
    ("programme.toml", 34, "payment_day[2].approved_on", "day.outside_programme"),
    ("programme.toml", 41, "usage[2].received_at", "usage.received_outside"),
    ("providers.csv", 2, "uscc", "uscc.wrong"),
    ("providers.csv", 3, "bank_account", "account.shared"),
    ("usage/2024.csv", None, None, "usage.no_use"),
    ("usage/2025.csv", 3, "starts_at", "time.no_offset"),
    ("usage/2025.csv", 4, "ends_at", "usage.ends_before_start"),
    ("usage/2025.csv", 5, None, "usage.conflict"),
    ("usage/2025.csv", 6, None, "usage.after_receipt"),
    ("usage/2025.csv", 7, "starts_at", "usage.overlap"),
]
