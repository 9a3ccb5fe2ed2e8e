//! What happened in the ward of Hoa Gạo, newest first. The days are low on purpose: read month
//! first, they would be other days.

/// One article's words.
pub(super) struct News {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    pub(super) published: &'static str,
    pub(super) lead: &'static str,
    pub(super) body: &'static [&'static str],
    pub(super) author: &'static str,
    pub(super) image: &'static str,
    /// Path and name on the page.
    pub(super) attachment: (&'static str, &'static str),
}

const NO_FILE: (&str, &str) = ("", "");

pub(super) const NEWS: [News; 12] = [
    News {
        path: "/tin-tuc/thong-bao-tam-ngung-cap-dien-to-dan-pho-so-7-1412.html",
        title: "Thông báo tạm ngừng cấp điện tại tổ dân phố số 7",
        published: "2026-11-05T16:30:00+07:00",
        lead: "Để thay máy biến áp đã cũ, điện lực sẽ tạm ngừng cấp điện tại tổ dân phố số 7 từ 7 giờ 30 đến 11 giờ ngày 08/11/2026.",
        body: &[
            "Khu vực bị ảnh hưởng gồm các ngõ 12, 18 và 24 phố Hoa Gạo cùng nhà văn hóa tổ dân phố. Trạm y tế phường dùng máy phát dự phòng nên vẫn khám bệnh bình thường.",
            "Các hộ có thang máy, tủ cấp đông hoặc người bệnh dùng thiết bị thở tại nhà nên chuẩn bị trước và báo cho tổ trưởng để được hỗ trợ.",
            "Nếu trời mưa to, lịch cắt điện được lùi sang ngày kế tiếp và phường sẽ báo lại trên loa.",
        ],
        author: "Văn phòng UBND phường",
        image: "/uploads/2026/11/tram-bien-ap.png",
        attachment: ("/uploads/2026/11/lich-cat-dien.pdf", "Lịch tạm ngừng cấp điện tháng 11"),
    },
    News {
        path: "/tin-tuc/ra-quan-don-rac-ven-ho-sen-1411.html",
        title: "Gần 200 người ra quân dọn rác ven hồ Sen sáng chủ nhật",
        published: "2026-11-04T08:05:00+07:00",
        lead: "Từ sáu giờ sáng, bà con năm tổ dân phố đã có mặt ở bờ hồ Sen để vớt bèo, nhặt rác và quét lại lối đi bộ.",
        body: &[
            "Sau ba tiếng, hơn hai tấn rác và bèo được đưa lên xe. Đoạn kè phía đông từng đọng nước thải nay đã thông.",
            "Bà Lụa ở tổ 3 nói bà mang theo cả hai cháu để các cháu thấy giữ sạch cái hồ khó hơn xả rác xuống hồ nhiều lần.",
            "Phường đặt thêm mười thùng rác có nắp và giao mỗi chi hội trông một đoạn bờ.",
        ],
        author: "Ngọc Lan",
        image: "/uploads/2026/11/ho-sen.png",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/lich-tiep-cong-dan-thang-11-1410.html",
        title: "Lịch tiếp công dân tháng 11 của lãnh đạo phường",
        published: "2026-11-03T09:00:00+07:00",
        lead: "Chủ tịch UBND phường tiếp công dân vào sáng thứ ba hằng tuần tại phòng 102, trụ sở phường.",
        body: &[
            "Người dân mang theo căn cước và đơn, nếu có. Ai không viết được đơn thì cán bộ tiếp dân ghi giúp và đọc lại cho nghe trước khi ký.",
            "Ngoài lịch trên, bộ phận một cửa nhận phản ánh vào mọi giờ hành chính.",
        ],
        author: "Văn phòng UBND phường",
        image: "",
        attachment: ("/uploads/2026/11/lich-tiep-dan.pdf", "Lịch tiếp công dân tháng 11/2026"),
    },
    News {
        path: "/tin-tuc/tiem-vac-xin-soi-cho-tre-1409.html",
        title: "Trạm y tế mời phụ huynh đưa trẻ đi tiêm bù vắc-xin sởi",
        published: "2026-11-02T14:20:00+07:00",
        lead: "Trẻ từ 1 đến 5 tuổi chưa tiêm đủ hai mũi được tiêm miễn phí trong ba ngày 9, 10 và 11 tháng 11.",
        body: &[
            "Phụ huynh mang theo sổ tiêm chủng. Trẻ đang sốt hoặc vừa dùng thuốc ức chế miễn dịch sẽ được hẹn ngày khác.",
            "Sau tiêm, trẻ ngồi lại theo dõi 30 phút. Trạm có bác sĩ trực và nước uống cho các cháu.",
            "Danh sách trẻ cần tiêm bù do cộng tác viên dân số gửi đến từng nhà.",
        ],
        author: "Trạm Y tế phường",
        image: "/uploads/2026/11/tiem-chung.png",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/canh-bao-lua-dao-gia-danh-can-bo-1408.html",
        title: "Cảnh báo: kẻ gian giả danh cán bộ phường gọi điện \"cập nhật căn cước\"",
        published: "2026-11-01T19:45:00+07:00",
        lead: "Trong tuần qua, bốn người dân báo công an phường về các cuộc gọi yêu cầu cài ứng dụng lạ để \"đồng bộ dữ liệu\".",
        body: &[
            "Cán bộ phường không bao giờ gọi điện xin mã OTP, ảnh khuôn mặt hay bảo người dân cài ứng dụng qua đường dẫn gửi trong tin nhắn.",
            "Khi nhận cuộc gọi như vậy, hãy cúp máy rồi gọi số trực ban của công an phường. Nếu đã lỡ chuyển tiền, báo ngay cho ngân hàng & công an để kịp phong tỏa.",
        ],
        author: "Công an phường",
        image: "",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/dai-hoi-the-thao-nguoi-cao-tuoi-1407.html",
        title: "Các cụ tranh tài ở hội thao người cao tuổi",
        published: "2026-10-12T10:10:00+07:00",
        lead: "Chín mươi hai vận động viên từ 60 đến 84 tuổi thi cờ tướng, bóng bàn, dưỡng sinh và đi bộ quanh sân vận động.",
        body: &[
            "Cụ Tạo, 84 tuổi, đi hết hai nghìn mét trong tiếng vỗ tay của cả khán đài và nhận giải vận động viên cao tuổi nhất.",
            "Chi hội tổ 5 nhất toàn đoàn. Hội thao năm sau dự kiến có thêm môn bóng cửa.",
        ],
        author: "Minh Khang",
        image: "/uploads/2026/10/hoi-thao.png",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/cap-the-can-cuoc-luu-dong-1406.html",
        title: "Làm căn cước lưu động cho người già yếu tại nhà",
        published: "2026-10-11T07:30:00+07:00",
        lead: "Tổ công tác mang máy đến tận giường để lấy dấu vân tay và chụp ảnh cho những người không đi lại được.",
        body: &[
            "Đợt này có 37 người đăng ký qua tổ trưởng. Thẻ làm xong được giao tại nhà, không thu phí đi lại.",
            "Gia đình nào còn người thân chưa có thẻ xin báo trước ngày 20 để xếp lịch.",
        ],
        author: "Công an phường",
        image: "/uploads/2026/10/can-cuoc.png",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/khoi-cong-cai-tao-cho-hoa-gao-1405.html",
        title: "Khởi công cải tạo chợ Hoa Gạo, tiểu thương chuyển sang chợ tạm",
        published: "2026-10-10T15:00:00+07:00",
        lead: "Chợ được thay mái, làm lại hệ thống chữa cháy và rãnh thoát nước; dự kiến xong trước Tết Nguyên đán.",
        body: &[
            "Trong thời gian thi công, 118 hộ kinh doanh chuyển sang chợ tạm trên bãi xe phố Đê. Phường miễn phí chỗ ngồi hai tháng đầu.",
            "Xe tải chỉ được vào lấy hàng từ 22 giờ đến 5 giờ sáng.",
            "Bản vẽ và tiến độ được dán ở cổng chợ để bà con theo dõi.",
        ],
        author: "Ban quản lý chợ",
        image: "",
        attachment: ("/uploads/2026/10/so-do-cho-tam.pdf", "Sơ đồ bố trí chợ tạm"),
    },
    News {
        path: "/tin-tuc/hop-dan-gop-y-quy-hoach-ngo-24-1404.html",
        title: "Họp dân góp ý phương án mở rộng ngõ 24",
        published: "2026-10-09T20:15:00+07:00",
        lead: "Sáu mươi mốt hộ dọc ngõ 24 dự họp tối qua, phần lớn đồng tình mở ngõ lên bốn mét để xe chữa cháy vào được.",
        body: &[
            "Mười hai hộ đề nghị tính lại ranh giới vì nhà xây trước khi có bản đồ. Cán bộ địa chính hẹn đo lại cùng từng chủ hộ.",
            "Ý kiến bằng văn bản nhận đến hết ngày 10/12/2026 tại bộ phận một cửa.",
        ],
        author: "Ngọc Lan",
        image: "/uploads/2026/10/ngo-24.png",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/phong-trao-doc-sach-truong-tieu-hoc-1403.html",
        title: "Tủ sách cũ thành thư viện mới của trường tiểu học",
        published: "2026-10-08T11:40:00+07:00",
        lead: "Hơn ba nghìn cuốn sách do người dân tặng vừa được xếp lên giá trong căn phòng từng là kho.",
        body: &[
            "Học sinh lớp lớn tự làm thẻ mượn và trực mỗi giờ ra chơi. Cô hiệu trưởng kể cuốn đầu tiên được mượn là truyện về chú dế.",
            "Thư viện mở cả sáng thứ bảy cho trẻ ngoài trường.",
        ],
        author: "Minh Khang",
        image: "/uploads/2026/10/thu-vien.png",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/phong-chong-sot-xuat-huyet-1402.html",
        title: "Phun hóa chất diệt muỗi đợt hai tại tổ 1 và tổ 2",
        published: "2026-10-07T06:50:00+07:00",
        lead: "Sau khi có hai ca sốt xuất huyết, phường phun hóa chất vào chiều 9 và sáng 10 tháng 10, mời các hộ mở cửa cho đội phun.",
        body: &[
            "Trước khi phun, hãy đậy kín thức ăn, chuyển lồng chim và bể cá vào phòng đóng kín, người già và trẻ nhỏ ra ngoài ít nhất một giờ.",
            "Phun thuốc chỉ diệt muỗi bay. Muốn hết muỗi phải đổ nước đọng ở chậu cây, lốp xe, khay tủ lạnh mỗi tuần một lần.",
        ],
        author: "Trạm Y tế phường",
        image: "",
        attachment: NO_FILE,
    },
    News {
        path: "/tin-tuc/tuyen-quan-nam-2027-1401.html",
        title: "Niêm yết danh sách gọi khám sơ tuyển nghĩa vụ quân sự năm 2027",
        published: "2026-10-06T17:05:00+07:00",
        lead: "Danh sách 146 công dân được niêm yết tại trụ sở phường và nhà văn hóa các tổ từ ngày 06/10 đến hết 15/10/2026.",
        body: &[
            "Công dân thuộc diện tạm hoãn hoặc miễn nộp giấy tờ chứng minh cho Ban chỉ huy quân sự phường trước ngày khám.",
            "Khám sơ tuyển bắt đầu lúc 7 giờ 30 tại trạm y tế, nhịn ăn sáng và mang theo căn cước.",
        ],
        author: "",
        image: "/uploads/2026/10/so-tuyen.png",
        attachment: ("/uploads/2026/10/danh-sach-so-tuyen.pdf", "Danh sách gọi khám sơ tuyển"),
    },
];
