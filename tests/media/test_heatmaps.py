import cv2
import numpy as np

from atm_gcn.media.heatmaps import OPACITY, heat_colours, jpeg_bytes, overlay_heat

GREY = np.full((16, 16, 3), 100, np.uint8)


def test_without_attention_the_face_shows_in_grey():
    frame = np.zeros((16, 16, 3), np.uint8)
    frame[..., 0] = 200
    assert (overlay_heat(frame, np.zeros((4, 4))) == round(0.299 * 200)).all()


def test_attention_is_laid_where_it_is():
    heat = np.zeros((4, 4))
    heat[0, 3] = 1.0
    laid = overlay_heat(GREY, heat)
    brightest = np.round(100 * (1 - OPACITY) + heat_colours()[-1] * OPACITY)
    assert np.abs(laid[0, -1] - brightest).max() <= 1
    assert (laid[8:, :8] == 100).all()


def test_the_colours_grow_brighter():
    brightness = heat_colours().astype(float) @ (0.299, 0.587, 0.114)
    assert (np.diff(brightness) > -0.5).all() and brightness[-1] > brightness[0] + 200


def test_jpeg_is_in_the_right_channel_order():
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 255
    back = cv2.imdecode(np.frombuffer(jpeg_bytes(red), np.uint8), cv2.IMREAD_COLOR)
    assert back[16, 16, 2] > 240 and back[16, 16, 0] < 15
