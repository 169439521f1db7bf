"""The template to download: a row for each simple type as a teacher fills it in, and a sheet about the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from assessments.formats.table.columns import BY_NAME, GUIDE_SHEET
from assessments.formats.table.writing import GUIDE_HEADINGS, GUIDE_WIDTHS, WIDTHS, guide_rows
from common.tabular import Sheet, write_csv, write_xlsx
from common.tabular.formulas import guarded

# The columns that most people need; the second sheet tells of the others.
_COLUMNS = (
    "id", "type", "question", "answer", "a", "b", "c", "d", "e", "f", "feedback_a", "feedback_b", "feedback", "mark",
    "difficulty", "category", "tags", "nature", "outcome", "exam_only",
)  # fmt: skip
_CHAPTER = "Mạng và Internet"
_ROWS: tuple[dict[str, Any], ...] = (
    {
        "id": "MAU-01",
        "type": "Một đáp án",
        "question": "Địa chỉ trang web bắt đầu bằng https cho biết điều gì?",
        "answer": "B",
        "a": "Trang web không có virus",
        "b": "Dữ liệu giữa trình duyệt và trang web được mã hoá",
        "c": "Trang web do cơ quan nhà nước quản lý",
        "d": "Trang web chỉ xem được bằng máy tính",
        "feedback_a": "Trang dùng https vẫn có thể chứa phần mềm độc hại.",
        "feedback": "Chữ s là viết tắt của secure: kết nối được mã hoá trên đường truyền.",
        "mark": 1,
        "difficulty": "Cơ bản",
        "category": f"{_CHAPTER} / An toàn",
        "tags": "https, trình duyệt",
        "nature": "Kiến thức",
    },
    {
        "id": "MAU-02",
        "type": "Nhiều đáp án",
        "question": "Những mật khẩu nào sau đây dễ bị đoán? Chọn tất cả các đáp án đúng.",
        "answer": "A, C",
        "a": "12345678",
        "b": "Chín mươi chín con voi uống trà",
        "c": "Ngày sinh của mình",
        "d": "Một chuỗi 16 ký tự do trình quản lý mật khẩu tạo ra",
        "mark": 1,
        "difficulty": "Cơ bản",
        "category": f"{_CHAPTER} / An toàn",
        "nature": "Tình huống",
    },
    {
        "id": "MAU-03",
        "type": "Đúng sai",
        "question": "Xoá lịch sử duyệt web trên máy của mình cũng xoá dữ liệu mà trang web đã lưu trên máy chủ.",
        "answer": "Sai",
        "feedback": "Lịch sử duyệt web chỉ nằm trên máy của bạn.",
        "mark": 1,
        "difficulty": "Trung bình",
        "category": f"{_CHAPTER} / Trình duyệt",
    },
    {
        "id": "MAU-04",
        "type": "Trả lời ngắn",
        "question": "Trong Excel, hàm nào tính tổng các ô của một vùng? Viết tên hàm.",
        "answer": "SUM | =SUM",
        "mark": 1,
        "difficulty": "Cơ bản",
        "category": "Bảng tính",
    },
    {
        "id": "MAU-05",
        "type": "Số",
        "question": "Tải một tệp 700 MB qua đường truyền 100 Mbit/s mất khoảng bao nhiêu giây? (1 byte = 8 bit)",
        "answer": "56 ± 1",
        "mark": 1,
        "difficulty": "Trung bình",
        "category": "Máy tính cơ bản",
    },
    {
        "id": "MAU-06",
        "type": "Ghép cặp",
        "question": "Ghép mỗi phần mở rộng với loại tệp của nó.",
        "answer": ".docx -> Văn bản\n.xlsx -> Bảng tính\n.pptx -> Bài trình chiếu",
        "mark": 1,
        "difficulty": "Cơ bản",
        "category": "Máy tính cơ bản",
    },
    {
        "id": "MAU-07",
        "type": "Sắp xếp",
        "question": "Sắp xếp các đơn vị đo dung lượng từ nhỏ đến lớn.",
        "answer": "Byte\nKB\nMB\nGB",
        "mark": 1,
        "difficulty": "Cơ bản",
        "category": "Máy tính cơ bản",
    },
    {
        "id": "MAU-08",
        "type": "Bảng đúng sai",
        "question": "Khi gửi thư điện tử, mỗi ý sau đúng hay sai?",
        "answer": "Đ, S, Đ",
        "a": "Người nhận ghi ở ô CC nhìn thấy nhau",
        "b": "Người nhận ghi ở ô BCC bị mọi người nhìn thấy",
        "c": "Một thư có thể kèm nhiều tệp",
        "mark": 1,
        "difficulty": "Trung bình",
        "category": f"{_CHAPTER} / Thư điện tử",
        "exam_only": "Có",
    },
    {
        "id": "MAU-09",
        "type": "Tự luận",
        "question": "Nêu ba việc cần làm khi nhận được thư nghi là lừa đảo và giải thích vì sao.",
        "answer": "Không bấm liên kết, không mở tệp kèm; kiểm tra người gửi bằng kênh khác; báo người phụ trách.",
        "mark": 2,
        "difficulty": "Nâng cao",
        "category": f"{_CHAPTER} / An toàn",
        "nature": "Tình huống",
    },
)


def write_sample(file: IO[bytes], *, csv: bool = False) -> None:
    """Write the template as XLSX, or its rows alone as CSV; it is itself a file that can be imported."""
    headings = [BY_NAME[name].heading for name in _COLUMNS]
    if csv:
        write_csv(_rows(), headings, file)
        return
    guide = Sheet(GUIDE_SHEET, GUIDE_HEADINGS, guide_rows(), widths=GUIDE_WIDTHS)
    widths = [WIDTHS.get(name, 14) for name in _COLUMNS]
    write_xlsx(_rows(), headings, file, title="Câu hỏi", widths=widths, more=[guide])


def _rows() -> Iterator[Sequence[Any]]:
    for row in _ROWS:
        yield [guarded(value) if isinstance(value, str) else value for value in (row.get(name) for name in _COLUMNS)]
